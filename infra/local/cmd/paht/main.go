// Command paht runs the whole system on this machine, or the embedded AWS
// alone, and looks into a running system:
//
//	paht run                    the system: every function, the API, the pages
//	paht demo                   plays a report's way, on ADDRESS or a system of its own
//	paht aws                    the embedded AWS alone; prints its variables
//	paht invoke NAME [EVENT]    one function of the running system
//	paht verify [FROM [TO]]     checks every report of these days (YYYY-MM-DD)
//	paht seed [REPORTS]         reports of the last months (500), made in the running system
//	paht queues                 what is in the queues
//	paht redrive QUEUE          sends a queue's dead letters back to it
//
// PORT (8080) and DATA (build/data) say where; TEMPLATE (template.yaml), BUILD
// (build) and PAGES (build/web) say of what. PROVINCE is the folder of files of the
// made-up province that a new system is set up with (data/demo; data/moclam has it as
// a department would write it), or "none".
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"text/tabwriter"

	"paht/infra/local/system"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// What versitygw prints while it starts has no switch; it shall not stand
	// among what a shell reads. What goes wrong in it comes as errors.
	out := os.Stdout
	if nowhere, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stdout = nowhere
	}
	if err := command(ctx, os.Args[1:], out); err != nil {
		fmt.Fprintln(os.Stderr, "paht: "+err.Error())
		os.Exit(1)
	}
}

const usage = "say one of: run, demo, aws, invoke NAME [EVENT], verify [FROM [TO]], seed [REPORTS], queues, redrive QUEUE"

func command(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		return errors.New(usage)
	}
	remote := system.On(setting("DATA", "build/data"))
	switch name, rest := args[0], args[1:]; {
	case name == "run" && len(rest) == 0:
		return run(ctx, out)
	case name == "demo" && len(rest) == 0:
		return demo(ctx, out)
	case name == "aws" && len(rest) == 0:
		return aws(ctx, out)
	case name == "invoke" && (len(rest) == 1 || len(rest) == 2):
		return invoke(remote, rest[0], strings.Join(rest[1:], ""), out)
	case name == "verify" && len(rest) <= 2:
		return verify(remote, rest, out)
	case name == "seed" && len(rest) <= 1:
		return fill(ctx, remote, rest, out)
	case name == "queues" && len(rest) == 0:
		return queues(remote, out)
	case name == "redrive" && len(rest) == 1:
		moved, err := remote.Redrive(rest[0])
		if err == nil {
			fmt.Fprintf(out, "%d messages of %s went back\n", moved.Moved, moved.Queue)
		}
		return err
	}
	return errors.New(usage)
}

func setting(name, standard string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return standard
}

func run(ctx context.Context, out io.Writer) error {
	port, err := strconv.Atoi(setting("PORT", "8080"))
	if err != nil {
		return fmt.Errorf("PORT must be a number, not %q", os.Getenv("PORT"))
	}
	s, err := system.Start(ctx, system.Options{
		Template: setting("TEMPLATE", "template.yaml"), Build: setting("BUILD", "build"), Data: setting("DATA", "build/data"),
		Pages: setting("PAGES", "build/web"), Port: port, Stdout: out, Announce: settle(ctx), Fill: filling(),
	})
	if err != nil {
		return err
	}
	<-ctx.Done()
	fmt.Fprintln(out, "stopping")
	return s.Close()
}

func aws(ctx context.Context, out io.Writer) error {
	a, err := system.StartAWS(ctx, setting("DATA", "build/aws"), func(text string) { fmt.Fprintln(os.Stderr, "note: "+text) })
	if err != nil {
		return err
	}
	a.Print(out)
	<-ctx.Done()
	return a.Close()
}

func invoke(remote system.Remote, name, event string, out io.Writer) error {
	if event == "-" {
		content, err := io.ReadAll(os.Stdin)
		if err != nil {
			return fmt.Errorf("reading the event: %w", err)
		}
		event = string(content)
	}
	result, err := remote.Invoke(name, []byte(event))
	if err != nil {
		return err
	}
	fmt.Fprintln(out, string(result.Payload))
	if result.FunctionError != "" {
		return fmt.Errorf("function %s failed (%s)", name, result.FunctionError)
	}
	return nil
}

func queues(remote system.Remote, out io.Writer) error {
	all, err := remote.Queues()
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "queue\twaiting\tin flight\tdelayed\tdead letters go to")
	for _, q := range all {
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%s\n", q.Name, q.Visible, q.InFlight, q.Delayed, q.DeadLetter)
	}
	return table.Flush()
}
