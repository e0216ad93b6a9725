// Package provision makes on the emulator what the template declares, and
// brings what is there already up to date: a second start with data present
// changes only what the template changed. Nothing of the template is written
// down a second time here. It must never import the project's functions.
package provision

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"paht/infra/emulator"
	"paht/infra/emulator/scheduler"
	"paht/infra/emulator/sqs"
	"paht/infra/emulator/wire"
	"paht/infra/template"
)

// Provision creates and updates queues, tables, parameters and schedules.
// Schedules that an earlier template declared and this one does not are
// deleted, as CloudFormation would; queues and tables hold data and stay.
func Provision(e *emulator.Emulator, t *template.Template) error {
	ctx := context.Background()
	for _, step := range []func(context.Context, *emulator.Emulator, *template.Template) error{
		check, queues, tables, parameters, schedules,
	} {
		if err := step(ctx, e, t); err != nil {
			return fmt.Errorf("provisioning %s: %w", t.Path, err)
		}
	}
	return nil
}

// check refuses what would be declared and never happen.
func check(_ context.Context, _ *emulator.Emulator, t *template.Template) error {
	for _, f := range t.Functions {
		if len(f.Schedules) > 0 {
			return fmt.Errorf("function %s: not supported here: the schedule event %s; declare an AWS::Scheduler::Schedule whose target is a queue",
				f.LogicalID, f.Schedules[0].Event)
		}
	}
	return nil
}

// queues come in two rounds, so that a dead-letter queue exists before a
// redrive policy names it.
func queues(_ context.Context, e *emulator.Emulator, t *template.Template) error {
	for _, q := range t.Queues {
		if slices.Contains(e.Queues().Names(), q.Name) {
			continue
		}
		bare := maps.Clone(q.Attributes)
		delete(bare, sqs.RedrivePolicy)
		if err := e.Queues().Create(q.Name, bare); err != nil {
			return fmt.Errorf("creating queue %s: %w", q.LogicalID, err)
		}
	}
	for _, q := range t.Queues {
		if err := updateQueue(e, q); err != nil {
			return fmt.Errorf("updating queue %s: %w", q.LogicalID, err)
		}
	}
	return nil
}

func updateQueue(e *emulator.Emulator, q template.Queue) error {
	before, err := e.Queues().Attributes(q.Name)
	if err != nil {
		return err
	}
	changed := map[string]string{}
	for name, standard := range sqs.StandardAttributes() {
		want, ok := q.Attributes[name]
		if !ok {
			want = standard
		}
		if before[name] != want {
			changed[name] = want
		}
	}
	for name, want := range q.Attributes {
		if before[name] != want {
			changed[name] = want
		}
	}
	if len(changed) == 0 {
		return nil
	}
	return e.Queues().SetAttributes(q.Name, changed)
}

func parameters(_ context.Context, e *emulator.Emulator, t *template.Template) error {
	for _, p := range t.Parameters {
		before, err := e.Parameters().Get(p.Name)
		if err == nil && before.Value == p.Value && before.Type == p.Type {
			continue
		}
		if err != nil && !isCode(err, "ParameterNotFound") {
			return fmt.Errorf("reading parameter %s: %w", p.LogicalID, err)
		}
		if _, err := e.Parameters().Put(p.Name, p.Type, p.Value, true); err != nil {
			return fmt.Errorf("storing parameter %s: %w", p.LogicalID, err)
		}
	}
	return nil
}

func isCode(err error, code string) bool {
	var e *wire.Error
	return errors.As(err, &e) && e.Code == code
}

// tokenPrefix marks the schedules that a template made, apart from those that
// functions make.
const tokenPrefix = "template/"

func schedules(_ context.Context, e *emulator.Emulator, t *template.Template) error {
	declared := map[string]bool{}
	for _, s := range t.Schedules {
		declared[s.Name] = true
		if err := putSchedule(e, s); err != nil {
			return fmt.Errorf("schedule %s: %w", s.LogicalID, err)
		}
	}
	for name, token := range e.Schedules().Tokens() {
		if strings.HasPrefix(token, tokenPrefix) && !declared[name] {
			if err := e.Schedules().Delete(name); err != nil {
				return fmt.Errorf("deleting schedule %s: %w", name, err)
			}
		}
	}
	return nil
}

// putSchedule leaves an unchanged schedule alone: an update would start its
// rate anew.
func putSchedule(e *emulator.Emulator, s template.Schedule) error {
	want := scheduler.Schedule{Name: s.Name, Description: s.Description, ScheduleExpression: s.Expression,
		ScheduleExpressionTimezone: s.Timezone, State: s.State, FlexibleTimeWindow: scheduler.FlexibleTimeWindow{Mode: "OFF"},
		Target: scheduler.Target{Arn: s.TargetARN, RoleArn: s.RoleARN, Input: s.Input}}
	if s.MaximumRetryAttempts != nil || s.MaximumEventAgeInSeconds != nil {
		want.Target.RetryPolicy = &scheduler.RetryPolicy{MaximumRetryAttempts: s.MaximumRetryAttempts, MaximumEventAgeInSeconds: s.MaximumEventAgeInSeconds}
	}
	if s.DeadLetterARN != "" {
		want.Target.DeadLetterConfig = &scheduler.DeadLetterConfig{Arn: s.DeadLetterARN}
	}
	before, err := e.Schedules().Get(s.Name)
	switch {
	case isCode(err, "ResourceNotFoundException"):
		return e.Schedules().Create(want, tokenPrefix+s.LogicalID)
	case err != nil:
		return err
	case scheduler.Same(before, want):
		return nil
	}
	return e.Schedules().Update(want)
}
