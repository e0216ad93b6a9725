// Command command imports a folder of files into the settings of a system:
//
//	LOGIN=… ADDRESS=… command [-dry] FOLDER
//
// ADDRESS is the system's (http://localhost:8080), LOGIN an administrator's log-in
// name; the password is PASSWORD, or is asked for.
package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"time"

	"paht/infra/demo/api"
	"paht/infra/intake"
)

func main() {
	dry := flag.Bool("dry", false, "only say what would change")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *dry, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "import: "+err.Error())
		os.Exit(1)
	}
}

func run(ctx context.Context, dry bool, args []string) (err error) {
	name := os.Getenv("LOGIN")
	if len(args) != 1 || name == "" {
		return errors.New("say the folder, and LOGIN=, an administrator's log-in name")
	}
	address := cmp.Or(os.Getenv("ADDRESS"), "http://localhost:8080")
	if err := intake.Private(address); err != nil {
		return err
	}
	password, err := secret(ctx, name)
	if err != nil {
		return err
	}
	door, err := intake.LogIn(ctx, api.New(address), name, password)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, door.LogOut(context.WithoutCancel(ctx))) }()
	return intake.Import(ctx, door, args[0], dry, time.Now, os.Stdout)
}

// secret asks for the password; a terminal does not show it.
func secret(ctx context.Context, name string) (string, error) {
	if given := os.Getenv("PASSWORD"); given != "" {
		return given, nil
	}
	fmt.Fprintf(os.Stderr, "password of %s: ", name)
	hidden := terminal(ctx, "-echo") == nil
	// Who breaks off here waits for nothing, and gets the terminal back.
	defer context.AfterFunc(ctx, func() {
		_ = terminal(context.WithoutCancel(ctx), "echo")
		os.Exit(1)
	})()
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if hidden {
		fmt.Fprintln(os.Stderr)
		err = errors.Join(err, terminal(context.WithoutCancel(ctx), "echo"))
	}
	if password := strings.TrimRight(line, "\r\n"); password != "" {
		return password, nil
	}
	return "", errors.Join(errors.New("no password was given"), err)
}

func terminal(ctx context.Context, mode string) error {
	stty := exec.CommandContext(ctx, "stty", mode)
	stty.Stdin = os.Stdin
	return stty.Run()
}
