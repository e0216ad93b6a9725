package signature_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"

	"paht/shared/signature"
)

// raw writes a PDF of objects as they are given, under a table. An object that
// begins with "stream " has its own dictionary and data.
func raw(trailer string, objects ...string) []byte {
	out := []byte("%PDF-1.7\n")
	var at []int
	for i, o := range objects {
		at = append(at, len(out))
		out = fmt.Appendf(out, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := len(out)
	out = fmt.Appendf(out, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, a := range at {
		out = fmt.Appendf(out, "%010d 00000 n \n", a)
	}
	return fmt.Appendf(out, "trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, trailer, start)
}

func stream(dict string, data []byte) string {
	return fmt.Sprintf("<< /Length %d %s >>\nstream\n%s\nendstream", len(data), dict, data)
}

func deflated(b []byte) []byte {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	_, _ = z.Write(b)
	_ = z.Close()
	return out.Bytes()
}

// bomb is some 50 KB that inflate to 50 MB.
func bomb() []byte { return deflated(make([]byte, 50<<20)) }

// streamFile is a PDF whose only section is the cross-reference stream.
func streamFile(dict string, data []byte) []byte {
	head := "%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"
	return fmt.Appendf([]byte(head), "2 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n", stream("/Type /XRef /Root 1 0 R "+dict, data), len(head))
}

const (
	catalogue = "<< /Type /Catalog /Pages 2 0 R >>"
	pages     = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
	onePage   = "<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>"
)

// withForm is a document with one signature whose /Contents is given.
func withForm(contents string) []byte {
	return raw("", "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [3 0 R] >> >>", "<< /Kids [] >>",
		"<< /FT /Sig /T (a) /V 4 0 R >>", "<< /SubFilter /adbe.pkcs7.detached /ByteRange [0 1 2 3] /Contents "+contents+" >>")
}

// ranged fills in a /ByteRange that is right, so that the reader goes on to the
// signature itself.
func ranged(hexDigits string) []byte {
	placeholder := "[0 1 2 3]"
	room := "[0 0000000000 0000000000 0000000000]"
	data := bytes.Replace(withForm("<"+hexDigits+">"), []byte(placeholder), []byte(room), 1)
	// The table's offset moved with the wider range.
	old := bytes.LastIndex(data, []byte("startxref\n"))
	data = fmt.Appendf(data[:old:old], "startxref\n%d\n%%%%EOF\n", bytes.LastIndex(data, []byte("\nxref"))+1)
	gap := bytes.Index(data, []byte("/Contents <")) + len("/Contents ")
	end := gap + len(hexDigits) + 2
	return bytes.Replace(data, []byte(room), fmt.Appendf(nil, "%-*s", len(room), fmt.Sprintf("[0 %d %d %d]", gap, end, len(data)-end)), 1)
}

type hostile struct {
	data func() []byte
	rule string
}

// hostiles are files that make a trusting parser overflow its stack, ask for
// gigabytes or go on for ever.
var hostiles = map[string]hostile{
	"arrays nested 25,000 deep": {func() []byte {
		return raw("", catalogue, "<< /Kids "+strings.Repeat("[", 25_000)+strings.Repeat("]", 25_000)+" >>")
	}, signature.RuleTooCostly},
	"arrays nested without end": {func() []byte {
		return raw("", catalogue, "<< /Kids "+strings.Repeat("[", 5_000_000))
	}, signature.RuleTooCostly},
	"dictionaries nested 10,000 deep": {func() []byte {
		return raw("", catalogue, strings.Repeat("<</A ", 10_000)+"1"+strings.Repeat(">>", 10_000))
	}, signature.RuleTooCostly},
	"a trailer nested 25,000 deep": {func() []byte {
		return raw("/A "+strings.Repeat("[", 25_000), catalogue, pages)
	}, signature.RuleTooCostly},
	"one array of five million values": {func() []byte {
		return raw("", catalogue, "<< /Kids ["+strings.Repeat("0 ", 5_000_000)+"] >>")
	}, signature.RuleTooCostly},
	"a cross-reference that leads back to itself": {func() []byte {
		data := raw("/Prev 0000000 ", catalogue, pages)
		at := fmt.Sprintf("%07d", bytes.LastIndex(data, []byte("xref\n0")))
		return bytes.Replace(data, []byte("0000000 "), []byte(at+" "), 1)
	}, signature.RuleUnparsable},
	"a hybrid cross-reference that leads back to itself": {func() []byte {
		data := raw("/XRefStm 0000000 ", catalogue, pages)
		at := fmt.Sprintf("%07d", bytes.LastIndex(data, []byte("xref\n0")))
		return bytes.Replace(data, []byte("0000000 "), []byte(at+" "), 1)
	}, signature.RuleUnparsable},
	"600 cross-reference sections": {func() []byte {
		data := raw("", catalogue, pages)
		for range 600 {
			prev := bytes.LastIndex(data, []byte("\nxref\n")) + 1
			start := len(data)
			data = fmt.Appendf(data, "\nxref\n0 0\ntrailer\n<< /Size 3 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n", prev, start)
		}
		return data
	}, signature.RuleTooCostly},
	"a table that claims 2,000,000,000 entries": {func() []byte {
		return bytes.Replace(raw("", catalogue, pages), []byte("xref\n0 3\n"), []byte("xref\n0 2000000000\n"), 1)
	}, signature.RuleUnparsable},
	"a stream that claims 2,000,000,000 entries": {func() []byte {
		return streamFile("/W [1 2 1] /Size 2000000000", []byte{1, 0, 9, 0})
	}, signature.RuleUnparsable},
	"an index that claims 9,000,000,000,000 entries": {func() []byte {
		return streamFile("/W [1 2 1] /Size 3 /Index [0 9000000000000]", []byte{1, 0, 9, 0})
	}, signature.RuleUnparsable},
	"columns of 2,000,000,000 bytes": {func() []byte {
		return streamFile("/W [1 2000000000 1] /Size 3", []byte{1, 0, 9, 0})
	}, signature.RuleUnparsable},
	"a cross-reference stream that inflates without measure": {func() []byte {
		return streamFile("/W [1 2 1] /Size 3 /Filter /FlateDecode", bomb())
	}, signature.RuleTooCostly},
	"a predictor with rows of gigabytes": {func() []byte {
		return streamFile("/W [1 2 1] /Size 3 /Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 4000000000 >>", deflated([]byte("x")))
	}, signature.RuleTooCostly},
	"a predictor whose row overflows a number": {func() []byte {
		return streamFile("/W [1 2 1] /Size 3 /Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 8000000 /Colors 8000000 /BitsPerComponent 8000000 >>", deflated([]byte("x")))
	}, signature.RuleTooCostly},
	"filters that expand one another": {func() []byte {
		return raw("", catalogue, pages, onePage, stream("/Filter [/FlateDecode /FlateDecode]", deflated(bomb())))
	}, signature.RuleTooCostly},
	"a page whose predictor has rows of gigabytes": {func() []byte {
		return raw("", catalogue, pages, onePage, stream("/Filter /FlateDecode /DecodeParms << /Predictor 15 /Columns 2000000000 >>", deflated([]byte("x"))))
	}, signature.RuleTooCostly},
	"an object stream that inflates without measure": {func() []byte {
		return packedIn(stream("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", bomb()))
	}, signature.RuleTooCostly},
	"an object stream that claims 2,000,000,000 objects": {func() []byte {
		return packedIn(stream("/Type /ObjStm /N 2000000000 /First 4", []byte("4 0 null")))
	}, signature.RuleUnparsable},
	"an object stream that begins behind its end": {func() []byte {
		return packedIn(stream("/Type /ObjStm /N 1 /First 2000000000", []byte("4 0 null")))
	}, signature.RuleUnparsable},
	"an object stream whose length lies inside itself": {func() []byte {
		return packedIn("<< /Type /ObjStm /N 1 /First 4 /Length 4 0 R >>\nstream\n4 0 8\nendstream")
	}, signature.RuleUnparsable},
	"an object stream whose filter lies inside itself": {func() []byte {
		return packedIn(stream("/Type /ObjStm /N 1 /First 4 /Filter 4 0 R", []byte("4 0 /FlateDecode")))
	}, signature.RuleUnparsable},
	"an object nested inside an object stream": {func() []byte {
		return packedIn(stream("/Type /ObjStm /N 1 /First 4", []byte("4 0 "+strings.Repeat("[", 40_000))))
	}, signature.RuleTooCostly},
	"a length that refers to its own stream": {func() []byte {
		return raw("", catalogue, pages, onePage, "<< /Length 4 0 R >>\nstream\nx\nendstream")
	}, signature.RuleUnparsable},
	"a length of 9,000,000,000,000,000,000": {func() []byte {
		return raw("", catalogue, pages, onePage, "<< /Length 9000000000000000000 >>\nstream\nx\nendstream")
	}, signature.RuleUnparsable},
	"references that lead in a circle": {func() []byte {
		return raw("", catalogue, "3 0 R", "2 0 R")
	}, signature.RuleUnparsable},
	"100,000 objects that lie inside one another": {overlapping, signature.RuleTooCostly},
	"fields that are their own children": {func() []byte {
		return raw("", "<< /Pages 2 0 R /AcroForm << /Fields [3 0 R] >> >>", "<< /Kids [] >>", "<< /Kids [3 0 R 4 0 R] >>", "<< /Kids [3 0 R] >>")
	}, signature.RuleNoSignature},
	"fields nested without measure": {func() []byte {
		objects := []string{"<< /Pages 2 0 R /AcroForm << /Fields [3 0 R] >> >>", "<< /Kids [] >>"}
		for i := range 200 {
			objects = append(objects, fmt.Sprintf("<< /Kids [%d 0 R] >>", i+4))
		}
		return raw("", append(objects, "<< >>")...)
	}, signature.RuleTooCostly},
	"more signatures than any result has": {func() []byte {
		fields := strings.Repeat("<< /FT /Sig /V << /SubFilter /x /Contents <00> >> >> ", 100)
		return raw("", "<< /Pages 2 0 R /AcroForm << /Fields ["+fields+"] >> >>", "<< /Kids [] >>")
	}, signature.RuleTooCostly},
	"a signature nested 25,000 deep": {func() []byte {
		return ranged(strings.Repeat("3080", 25_000))
	}, signature.RuleUnreadable},
	"a signature of 500,000 empty parts": {func() []byte {
		return ranged("308316e360" + strings.Repeat("040100", 500_000))
	}, signature.RuleUnreadable},
	"a signature of 3 MB": {func() []byte { return ranged(strings.Repeat("30", 3<<20)) }, signature.RuleTooCostly},
	"a literal string that does not end": {func() []byte {
		return raw("", catalogue, "<< /A "+strings.Repeat("(", 50_000))
	}, signature.RuleUnparsable},
}

// packedIn is a file whose object 4 lies in the object stream 3, which is given.
func packedIn(objectStream string) []byte {
	out := []byte("%PDF-1.7\n")
	var at []int
	for i, o := range []string{"<< /Type /Catalog /Pages 2 0 R /X 4 0 R >>", "<< /Kids [] >>", objectStream} {
		at = append(at, len(out))
		out = fmt.Appendf(out, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	rows := []byte{0, 0, 0, 0, 0}
	for _, a := range at {
		rows = append(rows, 1, byte(a>>16), byte(a>>8), byte(a), 0)
	}
	rows = append(rows, 2, 0, 0, 3, 0)
	start := len(out)
	out = fmt.Appendf(out, "5 0 obj\n%s\nendobj\n", stream("/Type /XRef /W [1 3 1] /Size 5 /Root 1 0 R", rows))
	return fmt.Appendf(out, "startxref\n%d\n%%%%EOF\n", start)
}

// overlapping is a file in which reading each object means reading to its end.
func overlapping() []byte {
	const count = 100_000
	out := []byte("%PDF-1.7\n1 0 obj\n<< /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Kids [")
	for n := range count {
		out = fmt.Appendf(out, "%d 0 R ", n+3)
	}
	out = append(out, "] >>\nendobj\n"...)
	var at []int
	for n := range count {
		at = append(at, len(out))
		out = fmt.Appendf(out, "%d 0 obj(", n+3)
	}
	out = append(out, strings.Repeat(")\nendobj\n", count)...)
	start := len(out)
	out = fmt.Appendf(out, "xref\n1 2\n%010d 00000 n \n%010d 00000 n \n3 %d\n", 9, bytes.Index(out, []byte("2 0 obj")), count)
	for _, a := range at {
		out = fmt.Appendf(out, "%010d 00000 n \n", a)
	}
	return fmt.Appendf(out, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", count+3, start)
}

const hostileEnv = "PAHT_SIGNATURE_HOSTILE"

// bounds for the child: the whole process, Go's runtime and the test binary
// included, for a file of some megabytes at most; and a stack that a recursion
// of a few hundred calls would overflow.
const (
	childBytes = 160 << 20
	childStack = 256 << 10
)

// TestMain is the child of TestHostileFilesStayWithinABound when it is asked to
// be: it judges one file and says under which rule it was refused.
func TestMain(m *testing.M) {
	name := os.Getenv(hostileEnv)
	if name == "" {
		os.Exit(m.Run())
	}
	debug.SetMaxStack(childStack)
	policy := signature.Policy{TransferredAt: transfer, UploadedAt: upload}
	_, err := signature.Verify(context.Background(), hostiles[name].data(), policy)
	var r *signature.Refused
	if !errors.As(err, &r) {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Print(r.Rule)
	os.Exit(0)
}

// A stack overflow or an exhausted memory ends the process past any recover, so
// each file is judged in a process of its own.
func TestHostileFilesStayWithinABound(t *testing.T) {
	self := must(os.Executable())
	for name, h := range hostiles {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(self)
			cmd.Env = append(os.Environ(), hostileEnv+"="+name, "GOMEMLIMIT=100MiB")
			var out, problems bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &problems
			if err := cmd.Run(); err != nil {
				text := problems.String()
				t.Fatalf("the process died: %v: %s %s", err, out.String(), text[:min(len(text), 400)])
			}
			if out.String() != h.rule {
				t.Errorf("refused under %q, want %q", out.String(), h.rule)
			}
			usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
			if peak := usage.Maxrss << 10; peak > childBytes {
				t.Errorf("the process took %d MB", peak>>20)
			}
		})
	}
}
