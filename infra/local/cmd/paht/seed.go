package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"

	"paht/infra/local/fleet"
	"paht/infra/local/seed"
	"paht/infra/local/system"
)

// filling is how a system is filled with reports of the past; nil without the
// made-up province.
func filling() func(context.Context, system.Ground, int, io.Writer) error {
	folder := setting("PROVINCE", "data/demo")
	absolute, err := filepath.Abs(folder) // the object store changes the working directory
	if folder == "none" || err != nil {
		return nil
	}
	return func(ctx context.Context, g system.Ground, reports int, out io.Writer) error {
		on := fleet.Standing{Template: g.Template, Store: g.Store, Accounts: g.Accounts, AWS: g.AWS, Origin: g.Origin}
		return seed.Fill(ctx, on, g.Redirect, absolute, reports, out)
	}
}

// fill asks the running system for reports of the past, or starts it for that.
func fill(ctx context.Context, remote system.Remote, args []string, out io.Writer) error {
	reports := 500
	if len(args) > 0 {
		var err error
		if reports, err = strconv.Atoi(args[0]); err != nil {
			return fmt.Errorf("the number of reports must be one, not %q", args[0])
		}
	}
	running, err := remote.Fill(reports)
	if running {
		if err == nil {
			fmt.Fprintf(out, "the running system has %d reports more\n", reports)
		}
		return err
	}
	s, err := system.Start(ctx, system.Options{Template: setting("TEMPLATE", "template.yaml"), Build: setting("BUILD", "build"),
		Data: setting("DATA", "build/data"), Pages: setting("PAGES", "build/web"), Stdout: out, Announce: settle(ctx), Fill: filling()})
	if err != nil {
		return err
	}
	return errors.Join(s.Fill(ctx, reports), s.Close())
}
