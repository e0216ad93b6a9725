package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"paht/infra/demo/api"
	"paht/infra/demo/province"
	"paht/infra/demo/story"
	"paht/infra/local/system"
)

// settle sets the made-up province up on a system that runs, through its API, and
// gives the log-ins to print.
func settle(ctx context.Context) func(*system.System) ([]string, error) {
	folder := setting("PROVINCE", "data/demo")
	if folder == "none" {
		return nil
	}
	if absolute, err := filepath.Abs(folder); err == nil {
		folder = absolute // the object store changes the working directory
	}
	return func(s *system.System) ([]string, error) {
		if err := province.Set(ctx, api.New(s.Address()), invoker(s), folder); err != nil {
			return nil, fmt.Errorf("setting the province up: %w", err)
		}
		lines := []string{"log-ins, each with the password " + province.Password + ":"}
		for _, l := range append([]province.LogIn{province.Administrator}, province.Officers...) {
			lines = append(lines, fmt.Sprintf("  %-8s  %s, %s (%s)", l.Name, strings.Join(l.Roles, ", "), l.Person, l.Agency))
		}
		return lines, nil
	}
}

// invoker runs stack operations on the system itself, as the operator of a stack
// would.
func invoker(s *system.System) province.Invoke {
	return func(ctx context.Context, function string, payload []byte) ([]byte, error) {
		result, err := s.Invoke(ctx, function, payload)
		if err != nil {
			return nil, err
		}
		i, ok := result.(system.Invocation)
		if !ok || i.FunctionError != "" {
			return nil, fmt.Errorf("the function %s failed: %s", function, i.Payload)
		}
		return i.Payload, nil
	}
}

// demo plays the story on the system at ADDRESS, or on one of its own that it
// starts and stops.
func demo(ctx context.Context, out io.Writer) error {
	photos, err := cameraPhotos(ctx)
	if err != nil {
		return err
	}
	address := os.Getenv("ADDRESS")
	if address == "" {
		data, err := os.MkdirTemp("", "paht-demo-")
		if err != nil {
			return fmt.Errorf("making a folder for the demo: %w", err)
		}
		defer os.RemoveAll(data)
		s, err := system.Start(ctx, system.Options{Template: setting("TEMPLATE", "template.yaml"), Build: setting("BUILD", "build"),
			Data: data, Pages: setting("PAGES", "build/web"), Stdout: io.Discard, Announce: settle(ctx)})
		if err != nil {
			return err
		}
		defer s.Close()
		address = s.Address()
	}
	return story.Play(ctx, story.Options{Client: api.New(address), Photos: photos, Out: out})
}

// cameraPhotos are of the test data of the imagemeta module: one with a place in
// its EXIF, one that is rotated, one PNG. Nothing of it is copied.
func cameraPhotos(ctx context.Context) ([]story.Photo, error) {
	answer, err := exec.CommandContext(ctx, "go", "list", "-m", "-json", "github.com/bep/imagemeta").Output()
	if err != nil {
		return nil, fmt.Errorf("finding the module with the camera photos: %w", err)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(answer, &module); err != nil || module.Dir == "" {
		return nil, fmt.Errorf("finding the module with the camera photos: it is not downloaded (go mod download)")
	}
	photos := []story.Photo{
		{Name: "hugo-issue-12669.jpg", Type: "image/jpeg"},
		{Name: "goexif/has-lens-info.jpg", Type: "image/jpeg"},
		{Name: "bep/sunrise.png", Type: "image/png"},
	}
	for i := range photos {
		if photos[i].Data, err = os.ReadFile(filepath.Join(module.Dir, "testdata", "images", photos[i].Name)); err != nil {
			return nil, fmt.Errorf("reading a camera photo: %w", err)
		}
	}
	return photos, nil
}
