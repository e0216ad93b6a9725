// Package story plays a report's way from a phone to a published, signed answer
// over HTTP alone, as the mobile app, an officer's console and an agency would,
// and checks each answer: a step that differs from what it should be ends it.
package story

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"paht/infra/demo/api"
	"paht/infra/demo/province"
	"paht/shared/contract"
	"paht/shared/signature/signaturetest"
)

// Options say where the story is played.
type Options struct {
	Client *api.Client
	Photos []Photo // three camera photos
	Out    io.Writer
	// Recording, where given, keeps what the run makes up, or plays it again.
	Recording *Recording
	// Turn, where given, is held while the settings are changed: of several stories
	// at once one is the administrator at a time.
	Turn sync.Locker
}

// Photo is a camera photo of the test data of the imagemeta module.
type Photo struct {
	Name string
	Type string
	Data []byte
}

// play is one run of the story.
type play struct {
	Options
	started  time.Time
	person   reporter
	slots    []contract.Upload
	uploads  []string
	code     string // the tracking code
	tokens   map[string]string
	trust    *trust
	etag     string
	part     string    // ETag of the assignment
	parts    [8]string // ETags of the assignments, where there are several
	original []byte    // the signed file
}

// reporter is who reports; the personal strings must appear nowhere in public.
type reporter struct {
	name, logIn, password, email, phone, token string
}

type trust struct {
	authority *signaturetest.Authority
	person    *signaturetest.Signer
	agency    *signaturetest.Signer
	second    *signaturetest.Signer // of the other agency, where there are several
}

// step is one line of the timeline.
type step struct {
	what string
	do   func(ctx context.Context, p *play) error
	// pause is what passes before the step, where whoever plays has a clock that
	// leaps.
	pause time.Duration
}

// Play plays the story and then the refusals.
func Play(ctx context.Context, o Options) error {
	p := &play{Options: o, started: time.Now(), tokens: map[string]string{}}
	p.person = p.newPerson("Trần Thị Bí Mật")
	if len(o.Photos) != 3 {
		return fmt.Errorf("the story needs three photos, not %d", len(o.Photos))
	}
	if err := p.prepare(ctx); err != nil {
		return err
	}
	for _, list := range [][]step{reporting, screening, routing, handling, publishing, reading, refusals} {
		if err := p.walk(ctx, list); err != nil {
			return err
		}
	}
	fmt.Fprintf(p.Out, "\ntracking code %s: published, read by anybody, rated\n", p.code)
	return nil
}

func (p *play) prepare(ctx context.Context) error {
	if p.Turn != nil {
		p.Turn.Lock()
		defer p.Turn.Unlock()
	}
	return p.walk(ctx, preparation)
}

// walk does steps in their order and prints each.
func (p *play) walk(ctx context.Context, steps []step) error {
	for _, s := range steps {
		at := time.Now()
		if err := s.do(ctx, p); err != nil {
			return fmt.Errorf("%s: %w", s.what, err)
		}
		fmt.Fprintf(p.Out, "%s  +%6.2f s  %4d ms  %s\n", at.In(time.FixedZone("+07:00", 7*3600)).Format("15:04:05"),
			at.Sub(p.started).Seconds(), time.Since(at).Milliseconds(), s.what)
	}
	return nil
}

// token logs an officer in once.
func (p *play) token(ctx context.Context, name string) (string, error) {
	if t, ok := p.tokens[name]; ok {
		return t, nil
	}
	t, err := province.Open(ctx, p.Client, name, province.Password)
	if err != nil {
		return "", fmt.Errorf("logging %s in: %w", name, err)
	}
	p.tokens[name] = t
	return t, nil
}

func lower(s string) string {
	b := []byte(s)
	for i := range b {
		b[i] |= 0x20
	}
	return string(b)
}

// digits makes eight digits of a random text.
func digits(s string) string {
	b := []byte(s)
	for i := range b {
		b[i] = '0' + b[i]%10
	}
	return string(b)
}
