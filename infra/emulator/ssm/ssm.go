// Package ssm is GetParameter and PutParameter of the SSM Parameter Store,
// over the AWS JSON 1.1 protocol. A SecureString is kept as it is: what
// protects it on one machine is the machine. It must never import another
// service of the emulator.
package ssm

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"paht/infra/emulator/storage"
	"paht/infra/emulator/wire"
)

// TargetPrefix begins the X-Amz-Target header of this service.
const TargetPrefix = "AmazonSSM."

// Options of a Service.
type Options struct {
	Now     func() time.Time // nil means time.Now
	Account string
	Region  string
}

// Parameter is one version of a parameter; only the newest is kept.
type Parameter struct {
	Name     string
	Type     string
	Value    string
	Version  int64
	Modified time.Time
}

// Service holds the parameters of one account and region.
type Service struct {
	options Options
	store   storage.Store
}

const bucket = "ssm/parameters"

// New makes the service over a store.
func New(store storage.Store, options Options) *Service {
	if options.Now == nil {
		options.Now = time.Now
	}
	return &Service{options: options, store: store}
}

// The bounds are those of the API page of PutParameter, standard tier.
var parameterName = regexp.MustCompile(`^[A-Za-z0-9_./-]+$`)

const (
	maxNameBytes  = 1011
	maxValueBytes = 4096
)

// Get answers a parameter.
func (s *Service) Get(name string) (Parameter, error) {
	if strings.Contains(name, ":") {
		return Parameter{}, wire.NotSupported("ssm.GetParameter: a version, a label or an ARN in Name")
	}
	if !parameterName.MatchString(name) {
		return Parameter{}, wire.Errorf("ValidationException", "Name %q must have letters, digits and _ . / - only", name)
	}
	var p Parameter
	err := s.store.View(func(tx storage.Tx) error {
		value := tx.Get(bucket, []byte(name))
		if value == nil {
			return wire.Errorf("ParameterNotFound", "the parameter %q does not exist", name)
		}
		return json.Unmarshal(value, &p)
	})
	return p, err
}

// Put stores a parameter and answers its version.
func (s *Service) Put(name, kind, value string, overwrite bool) (int64, error) {
	switch {
	case !parameterName.MatchString(name) || len(name) > maxNameBytes:
		return 0, wire.Errorf("ValidationException", "Name %q must have letters, digits and _ . / - only", name)
	case kind != "String" && kind != "SecureString":
		return 0, wire.NotSupported("ssm.PutParameter: Type " + kind)
	case value == "" || len(value) > maxValueBytes:
		return 0, wire.Errorf("ValidationException", "Value must have 1 to %d bytes, not %d", maxValueBytes, len(value))
	}
	p := Parameter{Name: name, Type: kind, Value: value, Version: 1, Modified: s.options.Now()}
	err := s.store.Update(func(tx storage.Tx) error {
		if old := tx.Get(bucket, []byte(name)); old != nil {
			if !overwrite {
				return wire.Errorf("ParameterAlreadyExists", "the parameter %q already exists; set Overwrite to change it", name)
			}
			var before Parameter
			if err := json.Unmarshal(old, &before); err != nil {
				return fmt.Errorf("reading parameter %s: %w", name, err)
			}
			p.Version = before.Version + 1
		}
		stored, err := json.Marshal(p)
		if err != nil {
			return fmt.Errorf("encoding parameter %s: %w", name, err)
		}
		return tx.Put(bucket, []byte(name), stored)
	})
	return p.Version, err
}

func (s *Service) arn(name string) string {
	return "arn:aws:ssm:" + s.options.Region + ":" + s.options.Account + ":parameter/" + strings.TrimPrefix(name, "/")
}

// Action names the IAM action and resource of a request.
func (s *Service) Action(target string, body []byte) (action string, resources []string) {
	var in struct{ Name string }
	_ = json.Unmarshal(body, &in) // what cannot be read is refused by the operation
	return "ssm:" + strings.TrimPrefix(target, TargetPrefix), []string{s.arn(in.Name)}
}

// Do answers one request whose body has been read; the error is what was
// answered.
func (s *Service) Do(w http.ResponseWriter, r *http.Request, body []byte, _ string) error {
	answer, err := s.run(strings.TrimPrefix(r.Header.Get("X-Amz-Target"), TargetPrefix), body)
	if err != nil {
		wire.WriteError(w, wire.JSON11, err)
		return err
	}
	wire.WriteJSON(w, wire.JSON11, answer)
	return nil
}

func (s *Service) run(operation string, body []byte) (any, error) {
	switch operation {
	case "GetParameter":
		var in struct {
			Name           string
			WithDecryption bool
		}
		if err := wire.Decode("ssm.GetParameter", body, &in); err != nil {
			return nil, err
		}
		p, err := s.Get(in.Name)
		if err != nil {
			return nil, err
		}
		if p.Type == "SecureString" && !in.WithDecryption {
			return nil, wire.NotSupported("ssm.GetParameter: a SecureString without WithDecryption")
		}
		return map[string]any{"Parameter": map[string]any{"Name": p.Name, "Type": p.Type, "Value": p.Value,
			"Version": p.Version, "ARN": s.arn(p.Name), "DataType": "text",
			"LastModifiedDate": float64(p.Modified.UnixMilli()) / 1000}}, nil
	case "PutParameter":
		var in struct {
			Name, Value, Type, Description string
			Overwrite                      bool
		}
		if err := wire.Decode("ssm.PutParameter", body, &in); err != nil {
			return nil, err
		}
		version, err := s.Put(in.Name, in.Type, in.Value, in.Overwrite)
		if err != nil {
			return nil, err
		}
		return map[string]any{"Version": version, "Tier": "Standard"}, nil
	default:
		return nil, wire.NotSupported("ssm." + operation)
	}
}
