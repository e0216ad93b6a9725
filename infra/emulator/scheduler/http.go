package scheduler

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"paht/infra/emulator/wire"
)

// PathPrefix begins the paths of this service.
const PathPrefix = "/schedule"

// Operation names the operation of a request by its method and path.
func Operation(r *http.Request) string {
	name, ok := strings.CutPrefix(r.URL.Path, "/schedules/")
	if !ok || name == "" || strings.Contains(name, "/") {
		return r.Method + " " + r.URL.Path
	}
	switch r.Method {
	case http.MethodPost:
		return "CreateSchedule"
	case http.MethodGet:
		return "GetSchedule"
	case http.MethodPut:
		return "UpdateSchedule"
	case http.MethodDelete:
		return "DeleteSchedule"
	}
	return r.Method + " " + r.URL.Path
}

// Action names the IAM action and resource of a request.
func (s *Service) Action(r *http.Request) (action string, resources []string) {
	return "scheduler:" + Operation(r), []string{s.ARN(nameOf(r))}
}

func nameOf(r *http.Request) string { return strings.TrimPrefix(r.URL.Path, "/schedules/") }

// Do answers one request whose body has been read; the error is what was
// answered.
func (s *Service) Do(w http.ResponseWriter, r *http.Request, body []byte, _ string) error {
	answer, err := s.run(r, body)
	if err != nil {
		wire.WriteError(w, wire.RESTJSON, err)
		return err
	}
	wire.WriteJSON(w, wire.RESTJSON, answer)
	return nil
}

func (s *Service) run(r *http.Request, body []byte) (any, error) {
	name := nameOf(r)
	switch operation := Operation(r); operation {
	case "CreateSchedule", "UpdateSchedule":
		return s.put(operation, name, body)
	case "GetSchedule":
		if err := onlyDefaultGroup(r.URL.Query()); err != nil {
			return nil, err
		}
		e, err := s.get(name)
		if err != nil {
			return nil, err
		}
		return struct {
			Schedule
			Arn                  string
			CreationDate         float64
			LastModificationDate float64
		}{e.Schedule, s.ARN(name), epoch(e.Created), epoch(e.Modified)}, nil
	case "DeleteSchedule":
		if err := onlyDefaultGroup(r.URL.Query()); err != nil {
			return nil, err
		}
		return nil, s.Delete(name)
	default:
		return nil, wire.NotSupported("scheduler." + operation)
	}
}

func (s *Service) put(operation, name string, body []byte) (any, error) {
	var in struct {
		Schedule
		ClientToken string
	}
	if err := wire.Decode("scheduler."+operation, body, &in); err != nil {
		return nil, err
	}
	in.Name = name
	var err error
	if operation == "CreateSchedule" {
		err = s.Create(in.Schedule, in.ClientToken)
	} else {
		err = s.Update(in.Schedule)
	}
	if err != nil {
		return nil, err
	}
	return map[string]string{"ScheduleArn": s.ARN(name)}, nil
}

func onlyDefaultGroup(query url.Values) error {
	if group := query.Get("groupName"); group != "" && group != defaultGroup {
		return wire.NotSupported("scheduler: a GroupName other than default")
	}
	return nil
}

func epoch(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
