package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the rows name a zone

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	schedulertypes "github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// The pages that the rows on schedules rest on.
const (
	schedulerAPI   = "https://docs.aws.amazon.com/scheduler/latest/APIReference/"
	schedulerGuide = "https://docs.aws.amazon.com/scheduler/latest/UserGuide/"
	typesDoc       = schedulerGuide + "schedule-types.html"
	completionDoc  = schedulerGuide + "managing-schedule-delete.html"
	contextDoc     = schedulerGuide + "managing-schedule-context-attributes.html"
)

const hoChiMinh = "Asia/Ho_Chi_Minh"

type schedules struct {
	queues
	client *scheduler.Client
	now    func() time.Time
}

// Scheduler runs the rows on schedules. now is the target's clock; nil means
// time.Now.
func Scheduler(t *testing.T, target Target, now func() time.Time) {
	if now == nil {
		now = time.Now
	}
	target.Together = target.Advance == nil // each row has a schedule of its own, and waits for minutes
	s := schedules{queues{target, sqs.NewFromConfig(target.Config()), t}, scheduler.NewFromConfig(target.Config()), now}
	s.firingRows()
	s.completionRows()
	s.managingRows()
	s.refusedRows()
}

// scheduledTime is the keyword for which AWS fills in when the schedule was to fire. That it is filled in is a row of
// its own; the others do without where a target leaves it as it stands.
const scheduledTime = "<aws.scheduler.scheduled-time>"

func unfilled(m sqstypes.Message) bool { return strings.Contains(*m.Body, scheduledTime) }

func atTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// create makes a schedule that sends its own scheduled time to the queue.
func (s schedules) create(ctx context.Context, url, expression, zone string, change func(*scheduler.CreateScheduleInput)) (string, error) {
	arn, err := s.arn(ctx, url)
	if err != nil {
		return "", err
	}
	account := strings.Split(arn, ":")[4]
	in := &scheduler.CreateScheduleInput{Name: aws.String(UniqueName("conformance")), ScheduleExpression: &expression,
		FlexibleTimeWindow: &schedulertypes.FlexibleTimeWindow{Mode: schedulertypes.FlexibleTimeWindowModeOff},
		Target: &schedulertypes.Target{Arn: &arn, RoleArn: aws.String("arn:aws:iam::" + account + ":role/scheduler"),
			Input: aws.String(`{"at":"` + scheduledTime + `"}`)}}
	if zone != "" {
		in.ScheduleExpressionTimezone = &zone
	}
	if change != nil {
		change(in)
	}
	if _, err := s.client.CreateSchedule(ctx, in); err != nil {
		return "", err
	}
	s.t.Cleanup(func() {
		_, err := s.client.DeleteSchedule(context.Background(), &scheduler.DeleteScheduleInput{Name: in.Name})
		var gone *schedulertypes.ResourceNotFoundException
		if err != nil && !errors.As(err, &gone) {
			s.t.Errorf("deleting a schedule: %v", err)
		}
	})
	return *in.Name, nil
}

// soon is a whole minute at least a minute away.
func (s schedules) soon() time.Time { return s.now().Truncate(time.Minute).Add(2 * time.Minute) }

// reach lets time go by until a minute after the instant: schedules fire
// within the minute.
func (s schedules) reach(instant time.Time) { s.target.pass(instant.Sub(s.now()) + time.Minute) }

// fired wants exactly these scheduled times in the queue.
func (s schedules) fired(ctx context.Context, url string, at ...time.Time) error {
	messages, err := s.receive(ctx, url)
	if err != nil {
		return err
	}
	want := map[string]bool{}
	for _, t := range at {
		want[`{"at":"`+atTime(t)+`"}`] = true
	}
	for _, m := range messages {
		if !unfilled(m) && !want[*m.Body] {
			return fmt.Errorf("%s was sent, want one of %v", *m.Body, want)
		}
	}
	if len(messages) != len(at) {
		return fmt.Errorf("%d messages were sent, want %d", len(messages), len(at))
	}
	return nil
}

func (s schedules) firingRows() {
	local, err := time.LoadLocation(hoChiMinh)
	if err != nil {
		s.t.Fatal(err)
	}
	s.row("at() in Asia/Ho_Chi_Minh fires once at that local time", typesDoc, func(ctx context.Context) error {
		url, err := s.queue(ctx, nil)
		if err != nil {
			return err
		}
		at := s.soon()
		if _, err := s.create(ctx, url, "at("+at.In(local).Format("2006-01-02T15:04:05")+")", hoChiMinh, nil); err != nil {
			return err
		}
		if err := s.none(ctx, url, "before the time of the schedule"); err != nil {
			return err
		}
		s.reach(at)
		return s.fired(ctx, url, at)
	})
	s.row("cron() in Asia/Ho_Chi_Minh fires at that local time", typesDoc, func(ctx context.Context) error {
		url, err := s.queue(ctx, nil)
		if err != nil {
			return err
		}
		at := s.soon()
		if _, err := s.create(ctx, url, at.In(local).Format("cron(4 15 2 1 ? 2006)"), hoChiMinh, nil); err != nil {
			return err
		}
		s.reach(at)
		return s.fired(ctx, url, at)
	})
	if s.target.Advance != nil { // it takes days
		s.row("cron() on weekdays in Asia/Ho_Chi_Minh leaves out the weekend", typesDoc, func(ctx context.Context) error {
			return s.weekdays(ctx, local)
		})
	}
	s.row("rate(1 minute) fires every minute", typesDoc, s.everyMinute)
	s.row("a disabled schedule does not fire", schedulerAPI+"API_CreateSchedule.html", func(ctx context.Context) error {
		url, err := s.queue(ctx, nil)
		if err != nil {
			return err
		}
		at := s.soon()
		_, err = s.create(ctx, url, "at("+at.UTC().Format("2006-01-02T15:04:05")+")", "", func(in *scheduler.CreateScheduleInput) {
			in.State = schedulertypes.ScheduleStateDisabled
		})
		if err != nil {
			return err
		}
		s.reach(at)
		return s.none(ctx, url, "from a disabled schedule")
	})
	s.row("the attributes of the context are filled into the input", contextDoc, s.context)
}

func (s schedules) weekdays(ctx context.Context, local *time.Location) error {
	url, err := s.queue(ctx, nil)
	if err != nil {
		return err
	}
	if _, err := s.create(ctx, url, "cron(0 8 ? * MON-FRI *)", hoChiMinh, nil); err != nil {
		return err
	}
	start, want := s.now(), []time.Time{}
	for day := range 8 {
		y, m, d := start.In(local).AddDate(0, 0, day).Date()
		at := time.Date(y, m, d, 8, 0, 0, 0, local)
		weekend := at.Weekday() == time.Saturday || at.Weekday() == time.Sunday
		if !weekend && at.After(start) && !at.After(start.Add(7*24*time.Hour)) {
			want = append(want, at)
		}
	}
	s.target.pass(7 * 24 * time.Hour)
	return s.fired(ctx, url, want...)
}

func (s schedules) everyMinute(ctx context.Context) error {
	url, err := s.queue(ctx, nil)
	if err != nil {
		return err
	}
	name, err := s.create(ctx, url, "rate(1 minute)", "", nil)
	if err != nil {
		return err
	}
	s.target.pass(210 * time.Second)
	if _, err := s.client.DeleteSchedule(ctx, &scheduler.DeleteScheduleInput{Name: &name}); err != nil {
		return err
	}
	messages, err := s.receive(ctx, url)
	if err != nil {
		return err
	}
	if n := len(messages); n < 3 || n > 4 {
		return fmt.Errorf("%d messages were sent in three and a half minutes, want three or four", n)
	}
	seen := map[string]bool{}
	for _, m := range messages {
		if seen[*m.Body] && !unfilled(m) {
			return fmt.Errorf("%s was sent twice", *m.Body)
		}
		seen[*m.Body] = true
	}
	return nil
}

func (s schedules) context(ctx context.Context) error {
	url, err := s.queue(ctx, nil)
	if err != nil {
		return err
	}
	at := s.soon()
	name, err := s.create(ctx, url, "at("+at.UTC().Format("2006-01-02T15:04:05")+")", "", func(in *scheduler.CreateScheduleInput) {
		in.Target.Input = aws.String("<aws.scheduler.schedule-arn> <aws.scheduler.attempt-number> <aws.scheduler.execution-id> " + scheduledTime)
	})
	if err != nil {
		return err
	}
	s.reach(at)
	m, err := s.one(ctx, url)
	if err != nil {
		return err
	}
	parts := strings.Fields(*m.Body)
	if len(parts) != 4 || !strings.HasSuffix(parts[0], ":schedule/default/"+name) || parts[1] != "1" || strings.Contains(parts[2], "<") || parts[3] != atTime(at) {
		return fmt.Errorf("the message is %q", *m.Body)
	}
	return nil
}

func (s schedules) completionRows() {
	for action, there := range map[schedulertypes.ActionAfterCompletion]bool{
		schedulertypes.ActionAfterCompletionDelete: false, schedulertypes.ActionAfterCompletionNone: true,
	} {
		fact := "a completed schedule stays without ActionAfterCompletion DELETE"
		if !there {
			fact = "a completed schedule with ActionAfterCompletion DELETE is gone"
		}
		s.row(fact, completionDoc, func(ctx context.Context) error {
			url, err := s.queue(ctx, nil)
			if err != nil {
				return err
			}
			at := s.soon()
			name, err := s.create(ctx, url, "at("+at.UTC().Format("2006-01-02T15:04:05")+")", "", func(in *scheduler.CreateScheduleInput) {
				in.ActionAfterCompletion = action
			})
			if err != nil {
				return err
			}
			s.reach(at)
			if err := s.fired(ctx, url, at); err != nil {
				return err
			}
			_, err = s.client.GetSchedule(ctx, &scheduler.GetScheduleInput{Name: &name})
			if there {
				return err
			}
			return refusedAs(err, "ResourceNotFoundException")
		})
	}
}

func (s schedules) managingRows() {
	const yearly = "cron(0 0 1 1 ? *)"
	s.row("a name that is taken is a conflict", schedulerAPI+"API_CreateSchedule.html", func(ctx context.Context) error {
		url, err := s.queue(ctx, nil)
		if err != nil {
			return err
		}
		name, err := s.create(ctx, url, yearly, "", nil)
		if err != nil {
			return err
		}
		_, err = s.create(ctx, url, yearly, "", func(in *scheduler.CreateScheduleInput) { in.Name = &name })
		return refusedAs(err, "ConflictException")
	})
	s.row("the same client token again is success", schedulerAPI+"API_CreateSchedule.html", func(ctx context.Context) error {
		url, err := s.queue(ctx, nil)
		if err != nil {
			return err
		}
		name, token := UniqueName("conformance"), UniqueName("token")
		again := func(in *scheduler.CreateScheduleInput) { in.Name, in.ClientToken = &name, &token }
		if _, err := s.create(ctx, url, yearly, "", again); err != nil {
			return err
		}
		_, err = s.create(ctx, url, yearly, "", again)
		return err
	})
	s.row("a schedule reads back as it was made, and an update replaces it", schedulerAPI+"API_UpdateSchedule.html", s.update)
	s.row("what is not there is not found", schedulerAPI+"API_DeleteSchedule.html", func(ctx context.Context) error {
		name := aws.String(UniqueName("missing"))
		_, err := s.client.DeleteSchedule(ctx, &scheduler.DeleteScheduleInput{Name: name})
		return refusedAs(err, "ResourceNotFoundException")
	})
}

func (s schedules) update(ctx context.Context) error {
	url, err := s.queue(ctx, nil)
	if err != nil {
		return err
	}
	name, err := s.create(ctx, url, "at(2099-01-01T00:00:00)", hoChiMinh, nil)
	if err != nil {
		return err
	}
	before, err := s.client.GetSchedule(ctx, &scheduler.GetScheduleInput{Name: &name})
	if err != nil {
		return err
	}
	if *before.ScheduleExpressionTimezone != hoChiMinh || before.State != schedulertypes.ScheduleStateEnabled || *before.GroupName != "default" {
		return fmt.Errorf("it reads back in zone %s, state %s, group %s", *before.ScheduleExpressionTimezone, before.State, *before.GroupName)
	}
	at := s.soon()
	_, err = s.client.UpdateSchedule(ctx, &scheduler.UpdateScheduleInput{Name: &name, FlexibleTimeWindow: before.FlexibleTimeWindow,
		ScheduleExpression: aws.String("at(" + at.UTC().Format("2006-01-02T15:04:05") + ")"), Target: before.Target})
	if err != nil {
		return err
	}
	after, err := s.client.GetSchedule(ctx, &scheduler.GetScheduleInput{Name: &name})
	if err == nil && *after.ScheduleExpressionTimezone != "UTC" {
		err = fmt.Errorf("the zone after an update without one is %s, want UTC", *after.ScheduleExpressionTimezone)
	}
	if err != nil {
		return err
	}
	s.reach(at)
	return s.fired(ctx, url, at)
}

func (s schedules) refusedRows() {
	s.target.Together = false
	for expression, zone := range map[string]string{
		"rate(0 minutes)":         "",
		"rate(1 fortnight)":       "",
		"at(2026-13-01T00:00:00)": "",
		"at(tomorrow)":            "",
		"cron(0 8 * * *)":         "",
		"cron(0 8 1 * MON *)":     "",
		"cron(0 8 ? * ? *)":       "",
		"cron(60 8 * * ? *)":      "",
		"every(1 hour)":           "",
		"cron(0 8 * * ? *)":       "Asia/Nowhere",
	} {
		s.row("the expression "+strings.TrimSpace(expression+" "+zone)+" is refused", typesDoc, func(ctx context.Context) error {
			url, err := s.queue(ctx, nil)
			if err != nil {
				return err
			}
			name, err := s.create(ctx, url, expression, zone, nil)
			if err == nil { // so that a target which takes it does not stumble over it in another row
				if _, err := s.client.DeleteSchedule(ctx, &scheduler.DeleteScheduleInput{Name: &name}); err != nil {
					return err
				}
			}
			return refusedAs(err, "ValidationException")
		})
	}
}
