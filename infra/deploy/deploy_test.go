// Package deploy_test plays deploy.sh with a recording sam, npm and node in their
// places: what is called, in which order and with which parameters.
package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// programs stand for the real ones. Each writes what it was called with; sam knows
// the outputs of the stacks that were deployed, in files beside it.
var programs = map[string]string{
	"tools/sam/bin/sam": `#!/bin/bash
echo "sam $*" >> "$PLAY/calls"
case "$1" in
list) cat "$PLAY/outputs-$4" 2>/dev/null || exit 1;;
deploy) case "$*" in
  *infra/stacks/cdn.yaml*) cp "$PLAY/cdn" "$PLAY/outputs-paht-staging-cdn";;
  *) cp "$PLAY/root" "$PLAY/outputs-paht-staging";;
  esac;;
esac
`,
	"bin/npm": `#!/bin/bash
echo "npm $* with $PAHT_BUCKET_ORIGIN" >> "$PLAY/calls"
mkdir -p "../build/pages/staging" && echo "<html>$PAGE</html>" > "../build/pages/staging/index.html"
`,
	"bin/node": `#!/bin/bash
echo https://tiles.example.vn
`,
	"root": `[{"OutputKey": "FilesHost", "OutputValue": "files.example.vn"}, {"OutputKey": "ApiHost", "OutputValue": "api.example.vn"}]`,
	"cdn": `[{"OutputKey": "Distribution", "OutputValue": "D1"}, {"OutputKey": "DistributionHost", "OutputValue": "d1.example.net"},
 {"OutputKey": "PagesBucket", "OutputValue": "pages-bucket"}]`,
}

// played is a folder like the project's, with the script in its place.
func played(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"infra/deploy/deploy.sh", "samconfig.toml"} {
		text, err := os.ReadFile(filepath.Join("../..", name))
		if err != nil {
			t.Fatal(err)
		}
		write(name, string(text))
	}
	for name, text := range programs {
		write(name, text)
	}
	write("functions/submit/submit.go", "package submit\n")
	write("build/submit/bootstrap", "")
	write("web/package.json", "{}")
	return root
}

// deploy runs the script and gives what it said and what it called.
func deploy(t *testing.T, root string, env ...string) (said string, calls []string, err error) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(root, "calls")); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "bash", filepath.Join(root, "infra/deploy/deploy.sh"))
	command.Env = append([]string{"PATH=" + filepath.Join(root, "bin") + ":" + os.Getenv("PATH"), "PLAY=" + root, "TOOLS=" + filepath.Join(root, "tools")}, env...)
	out, err := command.CombinedOutput()
	text, readErr := os.ReadFile(filepath.Join(root, "calls"))
	if readErr == nil {
		calls = strings.Split(strings.TrimSpace(string(text)), "\n")
	}
	return string(out), calls, err
}

const host, certificate = "HOST=paht-staging.example.vn", "CERTIFICATE=arn:aws:acm:us-east-1:1:certificate/c"

// changing are the calls that change something, without those that only read.
func changing(calls []string) []string {
	return slices.DeleteFunc(slices.Clone(calls), func(c string) bool { return strings.HasPrefix(c, "sam list") })
}

// A call is as wanted when it has each of the words.
func compare(t *testing.T, what string, calls []string, wanted ...[]string) {
	t.Helper()
	if len(calls) != len(wanted) {
		t.Fatalf("%s: the calls are %q", what, calls)
	}
	for i, words := range wanted {
		for _, word := range words {
			if !strings.Contains(calls[i]+" ", word) {
				t.Errorf("%s: call %d has no %q: %s", what, i, word, calls[i])
			}
		}
	}
}

func TestADeploymentAndTheNextOne(t *testing.T) {
	root := played(t)
	build := []string{"sam build --config-env staging "}
	pages := []string{"npm run --silent build -- --outDir ../build/pages/staging", "with https://files.example.vn "}
	cdn := []string{"sam deploy --template-file infra/stacks/cdn.yaml --stack-name paht-staging-cdn --region us-east-1 ", " Host=paht-staging.example.vn ",
		" Certificate=arn:aws:acm:us-east-1:1:certificate/c ", " OriginSecret=paht/staging/origin ", " ApiHost=api.example.vn ", " FilesHost=files.example.vn ",
		" TileOrigin=https://tiles.example.vn "}
	root1 := []string{"sam deploy --config-env staging --role-arn arn:role --parameter-overrides "}
	root2 := append(slices.Clone(root1), " Distribution=D1 ")
	env := []string{"ENV=staging", "ROLE=arn:role", host, certificate, "PAGE=ok"}

	said, calls, err := deploy(t, root, env...)
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	compare(t, "the first", changing(calls), build, root1, pages, cdn, root2)
	if first := changing(calls)[1]; strings.Contains(first, "Distribution=") {
		t.Errorf("the first deployment knows of a distribution: %s", first)
	}
	if strings.Contains(changing(calls)[3], "OriginVersion") {
		t.Error("a version of the origin's secret is given, and none was named")
	}
	if !strings.Contains(said, "point paht-staging.example.vn at d1.example.net and copy build/pages/staging to pages-bucket") {
		t.Errorf("it said %q", said)
	}

	said, calls, err = deploy(t, root, append(env, "ORIGIN_VERSION=v2")...)
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	compare(t, "the next, with the origin's secret exchanged", changing(calls), build, root2, pages, append(slices.Clone(cdn), " OriginVersion=v2 "), root2)

	said, calls, err = deploy(t, root, "ENV=staging")
	if err != nil || !strings.Contains(said, "the distribution is left as it is") {
		t.Errorf("without a host: %v, %s", err, said)
	}
	compare(t, "without a host", changing(calls), build, []string{"sam deploy --config-env staging --parameter-overrides ", " Distribution=D1 "})

	// The environment's own parameters come with each deployment of the root stack.
	text, err := os.ReadFile("../../samconfig.toml")
	if err != nil {
		t.Fatal(err)
	}
	_, staging, _ := strings.Cut(string(text), "[staging.deploy.parameters]")
	_, rest, _ := strings.Cut(staging, `parameter_overrides = "`)
	own, _, _ := strings.Cut(rest, `"`)
	if own == "" || !strings.Contains(changing(calls)[1], " "+own+" Distribution=D1") {
		t.Errorf("the parameters of the environment are %q, and the call is %s", own, changing(calls)[1])
	}
}

func TestWhatADeploymentRefuses(t *testing.T) {
	for name, row := range map[string]struct {
		env    []string
		remove string
		says   string
		calls  int // that change something
	}{
		"no environment":                       {nil, "", "ENV must name an environment", 0},
		"an environment that is not listed":    {[]string{"ENV=elsewhere"}, "", "samconfig.toml has no environment elsewhere", 0},
		"a function that is not built":         {[]string{"ENV=staging"}, "build/submit/bootstrap", "submit is not built", 0},
		"a host without its certificate":       {[]string{"ENV=staging", host}, "", "CERTIFICATE must be the ARN", 2},
		"pages that speak to this machine":     {[]string{"ENV=staging", host, certificate, "PAGE=http://127.0.0.1:9000"}, "", "would speak to this machine", 3},
		"a tool that is not installed":         {[]string{"ENV=staging"}, "tools/sam/bin/sam", "No such file", 0},
		"outputs that the stack does not have": {[]string{"ENV=staging", host, certificate}, "root", "", 2},
	} {
		t.Run(name, func(t *testing.T) {
			root := played(t)
			if row.remove != "" {
				if err := os.Remove(filepath.Join(root, row.remove)); err != nil {
					t.Fatal(err)
				}
			}
			said, calls, err := deploy(t, root, row.env...)
			if err == nil || !strings.Contains(said, row.says) {
				t.Errorf("it ended with %v: %s", err, said)
			}
			if n := len(changing(calls)); n != row.calls {
				t.Errorf("%d calls were made: %q", n, calls)
			}
		})
	}
}
