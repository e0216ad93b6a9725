package check

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"paht/infra/template"
	"paht/shared/httpapi"
)

func TestTheDistributionIsHTTPSBehindTheFirewallAndTellsTheAPIWhoAsks(t *testing.T) {
	cdn := resources(t, "infra", "stacks", "cdn.yaml")
	config := at(cdn["Distribution"].Properties, "DistributionConfig")
	if at(config, "WebACLId") != "Firewall.Arn" || at(config, "ViewerCertificate", "MinimumProtocolVersion") != "TLSv1.2_2021" {
		t.Error("the distribution has no firewall, or takes old TLS")
	}
	behaviours := map[string]any{"": at(config, "DefaultCacheBehavior")}
	for i := 0; at(config, "CacheBehaviors", i) != nil; i++ {
		behaviours[at(config, "CacheBehaviors", i, "PathPattern").(string)] = at(config, "CacheBehaviors", i)
	}
	for path, origin := range map[string]string{"": "pages", "/v1/*": "api", "/public/*": "files"} {
		b := behaviours[path]
		if at(b, "TargetOriginId") != origin || at(b, "ViewerProtocolPolicy") == "allow-all" || at(b, "ViewerProtocolPolicy") == nil || at(b, "ResponseHeadersPolicyId") != "SecurityHeaders" {
			t.Errorf("the path %q: %v", path, b)
		}
	}
	if at(behaviours["/v1/*"], "CachePolicyId") != "4135ea2d-6df8-44a3-9df3-4b5a84be39ad" {
		t.Error("answers of the API would be cached")
	}
	if at(config, "CustomErrorResponses") != nil {
		t.Error("a page would stand in the place of the API's problem documents")
	}
	security := at(cdn["SecurityHeaders"].Properties, "ResponseHeadersPolicyConfig", "SecurityHeadersConfig")
	for _, header := range []string{"StrictTransportSecurity", "ContentTypeOptions", "FrameOptions", "ReferrerPolicy", "ContentSecurityPolicy"} {
		if at(security, header, "Override") != true {
			t.Errorf("the pages may do without %s", header)
		}
	}
}

func TestTheAPIIsToldTheSecretOfTheOrigin(t *testing.T) {
	config := at(resources(t, "infra", "stacks", "cdn.yaml")["Distribution"].Properties, "DistributionConfig")
	const reference = "{{resolve:secretsmanager:${OriginSecret}:SecretString"
	told := 0
	for i := 0; at(config, "Origins", i) != nil; i++ {
		header := at(config, "Origins", i, "OriginCustomHeaders", 0)
		if at(config, "Origins", i, "Id") != "api" {
			if header != nil {
				t.Errorf("%v is told %v", at(config, "Origins", i, "Id"), header)
			}
			continue
		}
		told++
		value := at(header, "HeaderValue") // !If
		if at(header, "HeaderName") != httpapi.OriginHeader || at(value, 0) != "HasOriginVersion" ||
			at(value, 1) != reference+":::${OriginVersion}}}" || at(value, 2) != reference+"}}" {
			t.Errorf("the API is told %v", header)
		}
	}
	if told != 1 {
		t.Errorf("%d origins are the API", told)
	}
}

func TestThePagesMayReachTheBucketAndTheTilesAlone(t *testing.T) {
	headers := resources(t, "infra", "stacks", "cdn.yaml")["SecurityHeaders"]
	for _, row := range []struct{ name, tiles, connect, img string }{
		{"without tiles", "", "'self' https://files.example", "'self' data: blob: https://files.example"},
		{"with tiles", "https://*.tiles.example", "'self' https://files.example", "'self' data: blob: https://files.example https://*.tiles.example"},
	} {
		policy, _ := at(headers.Properties, "ResponseHeadersPolicyConfig", "SecurityHeadersConfig", "ContentSecurityPolicy", "ContentSecurityPolicy").(string)
		policy = strings.NewReplacer("${FilesHost}", "files.example", "${TileOrigin}", row.tiles).Replace(policy)
		got := map[string]string{}
		for directive := range strings.SplitSeq(policy, ";") {
			words := strings.Fields(directive)
			got[words[0]] = strings.Join(words[1:], " ")
		}
		for name, want := range map[string]string{"default-src": "'none'", "script-src": "'self'", "connect-src": row.connect, "img-src": row.img,
			"form-action": "'self'", "base-uri": "'none'", "frame-ancestors": "'none'"} {
			if got[name] != want {
				t.Errorf("%s: %s is %q, want %q", row.name, name, got[name], want)
			}
		}
	}
}

// random is what keys look like: thirty letters and digits or more, in hexadecimal
// or base64.
var random = regexp.MustCompile(`[0-9a-f]{32}|[A-Za-z0-9+/]{40}=*`)

// A secret in a variable stands in the console, in every change set and in every
// list of functions. What a function must know it reads at its start (SECRET names
// the parameter that holds it).
func TestNoVariableIsASecret(t *testing.T) {
	known := []string{"TABLE", "SECRET", "BUCKET", "ORIGIN", "MAIL_FROM", "PUBLIC_URL", "PUBLIC_FILES", "ADDRESS_HEADER"}
	asked := []string{}
	tpl, err := template.Load(filepath.Join(root(t), "template.yaml"), nil, template.Resolver{Dynamic: func(reference string) (string, error) {
		asked = append(asked, reference)
		return "a secret", nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	if len(asked) > 0 {
		t.Errorf("the template asks for %v", asked)
	}
	for _, f := range tpl.Functions {
		for name, value := range f.Environment {
			if !slices.Contains(known, name) && !strings.HasPrefix(name, "QUEUE_") {
				t.Errorf("%s: the variable %s is none that was looked at", f.LogicalID, name)
			}
			if name == "SECRET" && value != tpl.Inputs["SecretParameter"] {
				t.Errorf("%s: SECRET is %q and not the parameter's name", f.LogicalID, value)
			}
		}
	}
	for _, name := range []string{"template.yaml", "infra/stacks/cdn.yaml", "infra/stacks/queues.yaml", "infra/stacks/functions.yaml", "infra/stacks/shared.yaml", "samconfig.toml"} {
		content, err := os.ReadFile(filepath.Join(root(t), name))
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(content), "\n") {
			if random.MatchString(line) && !strings.Contains(line, "PolicyId:") && !strings.Contains(line, "AWS") && !strings.Contains(line, "https://") {
				t.Errorf("%s:%d looks like a secret: %s", name, i+1, line)
			}
		}
	}
}
