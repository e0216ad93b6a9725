package intake

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"time"

	"paht/shared/settings"
	"paht/shared/worktime"
)

// block is one certificate of a file, with what the lines before it say of it.
type block struct {
	line int
	text bytes.Buffer
	said map[string]cell
}

// said are the words that a line "# word: …" before a certificate may begin with.
var said = []string{"name", "valid_from", "valid_to", "note"}

// readPEM makes the trusted authorities of a file of certificates. One that signed
// itself is a root, another an intermediate; its name is the subject's, unless a
// line before it says another.
func readPEM(_ settings.Kind, files []file, at time.Time) (*Source, []Problem) {
	f := files[0]
	blocks, problems := blocksOf(f)
	if len(blocks) == 0 {
		return nil, append(problems, Problem{File: f.name, Message: "holds no certificate (-----BEGIN CERTIFICATE-----)"})
	}
	places := map[string]place{"": {file: f.name, line: 1, column: 1}}
	rows := make([]map[string]any, 0, len(blocks))
	for i, b := range blocks {
		path := fmt.Sprintf("[%d]", i)
		row := map[string]any{"name": "?", "use": settings.UseRoot, "pem": b.text.String()}
		places[path] = place{file: f.name, line: b.line, column: 1, field: "certificate"}
		if decoded, _ := pem.Decode(b.text.Bytes()); decoded != nil && decoded.Type == "CERTIFICATE" {
			row["pem"] = string(pem.EncodeToMemory(&pem.Block{Type: decoded.Type, Bytes: decoded.Bytes}))
			if cert, err := x509.ParseCertificate(decoded.Bytes); err == nil {
				row["name"], row["use"] = cert.Subject.CommonName, use(cert)
				problems = append(problems, expired(f.name, b, cert, at)...)
			}
		}
		for name, word := range b.said {
			row[name] = word.text
			places[path+"."+name] = place{file: f.name, line: word.line, column: word.column, field: name, value: short(word.text)}
		}
		rows = append(rows, row)
	}
	source, more := sourceOf(rows, places)
	return source, append(problems, more...)
}

func use(cert *x509.Certificate) string {
	if bytes.Equal(cert.RawSubject, cert.RawIssuer) {
		return settings.UseRoot
	}
	return settings.UseIntermediate
}

// expired refuses a certificate that is over, unless the trust in it is said to have
// ended: what was signed while it held is still verified with it.
func expired(name string, b block, cert *x509.Certificate, at time.Time) []Problem {
	var until settings.Moment
	ended := b.said["valid_to"].text != "" && until.UnmarshalText([]byte(b.said["valid_to"].text)) == nil && !until.After(at)
	if at.Before(cert.NotAfter) || ended {
		return nil
	}
	day := cert.NotAfter.In(worktime.Zone).Format(time.DateOnly)
	return []Problem{{File: name, Line: b.line, Column: 1, Field: "certificate", Value: short(cert.Subject.CommonName),
		Message: fmt.Sprintf(`ran out on %s: leave it out, or say before it "# valid_to: %s" if it is to hold for what was signed until then`, day, day)}}
}

// blocksOf parts a file into its certificates. Lines between them that do not begin
// with "#" are left alone: tools write there what a certificate is.
func blocksOf(f file) ([]block, []Problem) {
	var (
		blocks   []block
		problems []Problem
		open     bool
	)
	words := map[string]cell{}
	for i, raw := range strings.Split(string(f.data), "\n") {
		line := strings.TrimSpace(raw)
		switch {
		case strings.HasPrefix(line, "-----BEGIN"):
			if open {
				problems = append(problems, unended(f.name, blocks[len(blocks)-1].line))
			}
			blocks, open = append(blocks, block{line: i + 1, said: words}), true
			words = map[string]cell{}
		case !open && strings.HasPrefix(line, "#"):
			name, value, _ := strings.Cut(strings.TrimLeft(line, "# "), ":")
			if name = strings.TrimSpace(name); !slices.Contains(said, name) {
				problems = append(problems, Problem{File: f.name, Line: i + 1, Column: 1, Value: short(line),
					Message: "must begin with one of " + strings.Join(said, ", ") + " and a colon"})
				continue
			}
			words[name] = cell{strings.TrimSpace(value), i + 1, 1}
		}
		if open {
			fmt.Fprintln(&blocks[len(blocks)-1].text, line)
			open = !strings.HasPrefix(line, "-----END")
		}
	}
	if open {
		problems = append(problems, unended(f.name, blocks[len(blocks)-1].line))
	}
	return blocks, problems
}

func unended(name string, line int) Problem {
	return Problem{File: name, Line: line, Column: 1, Field: "certificate", Message: "does not end: the line -----END CERTIFICATE----- is missing"}
}
