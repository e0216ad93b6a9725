package intake_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"paht/infra/intake"
	"paht/shared/settings"
)

var now = time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)

const (
	unitsHead    = "code,level,name,type,parent,valid_from,valid_to\n"
	agenciesHead = "code,name,kind,unit,parent,roles,valid_from,valid_to\n"
	daysHead     = "# version: 1\ndate,kind,name,status\n"
	hoursHead    = "agency,from,until,season,season_from,season_to,weekdays,start,end\n"
	ring         = `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"99001","name":"A"},
"geometry":{"type":"Polygon","coordinates":[[[106,9],[107,9],[107,10],%]]}}]}`
)

// folder writes files into a folder of their own.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// certificate is one of an authority, or of somebody who is none.
func certificate(t *testing.T, name string, until time.Time, authority bool) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	made := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: now.AddDate(-5, 0, 0),
		NotAfter: until, BasicConstraintsValid: true, IsCA: authority}
	der, err := x509.CreateCertificate(rand.Reader, made, made, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func strs(problems []intake.Problem) []string {
	var lines []string
	for _, p := range problems {
		lines = append(lines, p.String())
	}
	return lines
}

// wrongFile is files and what is wrong with them.
type wrongFile struct {
	name  string
	files map[string]string
	want  []string
}

func (w wrongFile) test(t *testing.T) {
	_, problems, err := intake.Read(folder(t, w.files), now)
	if err != nil {
		t.Fatal(err)
	}
	if got := strs(problems); !slices.Equal(got, w.want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(w.want, "\n"))
	}
}

var wrongFiles = []wrongFile{
	{"a column is missing", map[string]string{"units.csv": "code,level,name,parent\n99,province,A,\n"},
		[]string{`units.csv:1:1: column "type": is missing`}},
	{"a column is unknown, another there twice", map[string]string{"words.csv": "class,phrase,weight,weight,size\n"},
		[]string{`words.csv:1:21: column "weight": is there twice`,
			`words.csv:1:28: column "size": is no column of this file; it takes class, phrase, weight, note`}},
	{"cells stand under no name", map[string]string{"words.csv": "class,phrase,weight,\n9.1.a,thủ tục … hành chính,3,rồi\n"},
		[]string{`words.csv:1:21: column: is no column of this file; it takes class, phrase, weight, note`}},
	{"a code is there twice", map[string]string{"units.csv": unitsHead + "99,province,Tỉnh,Tỉnh,,,\n99001,commune,Xã A,Xã,99,,\n99001,commune,Xã B,Xã,99,,\n"},
		[]string{`units.csv:4:1: code "99001": repeats an earlier entry`}},
	{"parents are unknown, in two rows", map[string]string{"units.csv": unitsHead + "99,province,Tỉnh,Tỉnh,,,\n99001,commune,Xã Đông,Xã,98,,\n99002,commune,Xã B,Xã,97,,\n"},
		[]string{`units.csv:3:26: parent "98": names a code that the directory does not hold`,
			`units.csv:4:23: parent "97": names a code that the directory does not hold`}},
	{"the dates run backwards", map[string]string{"units.csv": unitsHead + "99,province,Tỉnh,Tỉnh,,2025-07-01,2024-01-01\n"},
		[]string{`units.csv:2:35: valid_to "2024-01-01": must be after valid_from`}},
	{"a date as a spreadsheet shows it", map[string]string{"units.csv": unitsHead + "99,province,Tỉnh,Tỉnh,,01/07/2025,\n"},
		[]string{`units.csv:2:24: valid_from "01/07/2025": must be a date that exists, as YYYY-MM-DD, or null`}},
	{"a word that is none of the allowed", map[string]string{"units.csv": unitsHead + "99,tỉnh,Tỉnh,Tỉnh,,,\n"},
		[]string{`units.csv:2:4: level "tỉnh": is not one of the values allowed: province, district, commune`}},
	{"a role that is held twice, one outside its agency's time", map[string]string{"agencies.csv": agenciesHead +
		"A,Một,organisation,,,operator,,\nB,Hai,organisation,,,\"operator@2025-01-01..2026-01-01; agency@2020-01-01..\",2021-01-01,\n"},
		[]string{`agencies.csv:3:22: roles "operator@2025-01-01..2026-01-01; agency@2020-01-01..": the role is held outside the agency's own span`,
			`agencies.csv:3:22: roles "operator@2025-01-01..2026-01-01; agency@2020-01-01..": another agency holds this role at the same time`}},
	{"a number that is none, a lead that is no code", map[string]string{"categories.csv": "code,name,leads,default_working_days\nduong,Đường,S X/D,ba\n"},
		[]string{`categories.csv:2:13: leads "S X/D": must be a code of ASCII letters, digits, dot, hyphen and underscore, at most 40 characters`,
			`categories.csv:2:19: default_working_days "ba": must be a whole number`}},
	{"a row is too short", map[string]string{"units.csv": unitsHead + "99,province,Tỉnh\n"},
		[]string{`units.csv:2:1: the row has 3 cells, and the header 7`}},
	{"a quote does not end", map[string]string{"units.csv": unitsHead + "99,province,\"Tỉnh\n"},
		[]string{`units.csv:2:18: cannot be read on: extraneous or missing " in quoted-field`}},
	{"not UTF-8", map[string]string{"units.csv": unitsHead + "99,province,T\xffnh,Tỉnh,,,\n"},
		[]string{`units.csv:2:14: is not UTF-8; save it as UTF-8`}},
	{"no header", map[string]string{"units.csv": "# nothing\n"}, []string{`units.csv: has no header with the names of its columns`}},
	{"a calendar without a version", map[string]string{"calendar.csv": "date,kind,name,status\n"},
		[]string{`calendar.csv:1:1: a line "# version: …" before the header must name the version`}},
	{"days that cannot be", map[string]string{"calendar.csv": daysHead + "2026-02-30,off,Tết,decided\n2026-02-17,off,Tết,decided\n2026-02-17,off,Tết,decided\n2026-02-18,work,Bù,decided\n"},
		[]string{`calendar.csv:3:1: date "2026-02-30": must be a day written YYYY-MM-DD`,
			`calendar.csv:5:1: date "2026-02-17": must not name the same day as line 4`,
			`calendar.csv:6:1: date "2026-02-18": must be a Saturday or Sunday where the kind is work`}},
	{"hours that cannot be", map[string]string{"calendar.csv": daysHead, "hours.csv": hoursHead +
		",2026-01-01,,,,,mon dom,11:30,07:30\nA,2026-01-01,2025-01-01,Hè,06-01,08-31,,07:00,25:00\nA,2026-01-01,,Hè,06-01,08-31,,13:00,17:00\n"},
		[]string{`hours.csv:4:14: until: must be the same in all rows of one agency and from`}},
	{"hours that run backwards", map[string]string{"calendar.csv": daysHead, "hours.csv": hoursHead +
		",2026-01-01,,,,,mon dom,11:30,07:30\nA,2026-01-01,2025-01-01,,,,,07:00,25:00\n"},
		[]string{`hours.csv:2:17: weekdays "mon dom": must be one of mon, tue, wed, thu, fri, sat, sun`,
			`hours.csv:2:31: end "07:30": must be after from`,
			`hours.csv:3:14: until "2025-01-01": must not be before from`,
			`hours.csv:3:35: end "25:00": must be a time of day written HH:MM, 24:00 at most`}},
	{"hours without a calendar", map[string]string{"hours.csv": hoursHead},
		[]string{`hours.csv: needs calendar.csv beside it, whose version names both`}},
	{"a ring that is open", map[string]string{"boundary.geojson": strings.Replace(ring, "%", "[106.5,9]", 1)},
		[]string{`boundary.geojson:2:45: features[0].geometry.coordinates[0]: a ring ends where it begins`}},
	{"a position that is none", map[string]string{"boundary.geojson": strings.Replace(ring, "%", "[206,9]", 1)},
		[]string{`boundary.geojson:2:71: features[0].geometry.coordinates[0][3]: must be a position [longitude, latitude] in WGS 84`}},
	{"JSON that breaks off", map[string]string{"boundary.geojson": "{\n\"type\": x}"},
		[]string{`boundary.geojson:2:9: is not valid JSON: invalid character 'x' looking for beginning of value`}},
	{"a field that JSON does not have", map[string]string{"refusals.json": "[\n {\"code\": \"1\", \"size\": 3}]"},
		[]string{`refusals.json:2:2: [0].name.vi: must not be empty`, `refusals.json:2:2: [0].text.vi: must not be empty`,
			`refusals.json:2:24: [0].size "3": is not a field of this document`}},
	{"texts", map[string]string{"texts.csv": "key,lang,text\nnotice.report.refused.body,fr,\"Hai\ndòng {x}\"\nnone,vi,a\n"},
		[]string{`texts.csv:2:28: lang "fr": must be vi, en or km`,
			`texts.csv:2:31: text: may only use the placeholders: code, reason, link`,
			`texts.csv:2:31: text: must use the placeholder {reason}`,
			`texts.csv:4:1: key "none": is no text of this system`}},
	{"two files of one kind", map[string]string{"units.csv": unitsHead, "units.json": `{"units":[]}`},
		[]string{`units.json: stands beside units.csv; there must be one of them`}},
}

func TestEveryErrorOfAFileIsNamedWithItsPlace(t *testing.T) {
	for _, row := range wrongFiles {
		t.Run(row.name, row.test)
	}
}

func TestEveryErrorOfACertificateIsNamedWithItsPlace(t *testing.T) {
	good := certificate(t, "Gốc", now.AddDate(5, 0, 0), true)
	over := certificate(t, "Gốc cũ", now.AddDate(-1, 0, 0), true)
	several := "# name: Gốc cũ\n" + over + "# nam: x\n" + certificate(t, "Ai đó", now.AddDate(1, 0, 0), false) + good + good
	for _, row := range []wrongFile{
		{"several", map[string]string{"roots.pem": several}, certificatesWanted(over, several)},
		{"trust that is to end after its certificate", map[string]string{"roots.pem": "# valid_to: 2027-01-01\n" + over},
			certificatesWanted(over, "\n"+over)[:1]},
		{"a certificate that does not end", map[string]string{"roots.pem": good[:len(good)-20]},
			[]string{`roots.pem:1:1: certificate: does not end: the line -----END CERTIFICATE----- is missing`,
				`roots.pem:1:1: certificate: must be exactly one certificate in PEM`}},
		{"a private key", map[string]string{"roots.pem": "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n"},
			[]string{`roots.pem:1:1: certificate: must not contain a private key`}},
		{"no certificate", map[string]string{"roots.pem": "\n"}, []string{`roots.pem: holds no certificate (-----BEGIN CERTIFICATE-----)`}},
	} {
		t.Run(row.name, row.test)
	}
}

func TestAFolderMustHoldFilesOfAnImport(t *testing.T) {
	for name, file := range map[string]string{"a name that is mistyped": "agencis.csv", "nothing": ""} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{}
			if file != "" {
				files[file] = agenciesHead
			}
			_, problems, err := intake.Read(folder(t, files), now)
			if err != nil || len(problems) != 1 || !strings.Contains(problems[0].String(), "it takes agencies.csv, agencies.json, boundary.geojson,") {
				t.Errorf("got %v, %v", problems, err)
			}
		})
	}
}

// certificatesWanted are the problems of a file that begins with a certificate that
// is over; then comes one of no authority under a mistyped word, and one twice.
func certificatesWanted(over, file string) []string {
	begins := []string{}
	for i, line := range strings.Split(file, "\n") {
		if strings.HasPrefix(line, "-----BEGIN") || line == "# nam: x" {
			begins = append(begins, "roots.pem:"+strconv.Itoa(i+1)+":1: ")
		}
	}
	block, _ := pem.Decode([]byte(over))
	cert, _ := x509.ParseCertificate(block.Bytes)
	day := cert.NotAfter.In(time.FixedZone("", 7*3600)).Format(time.DateOnly)
	begins = append(begins, "", "", "", "")
	return []string{
		begins[0] + `certificate "Gốc cũ": ran out on ` + day + `: leave it out, or say before it "# valid_to: ` + day + `" if it is to hold for what was signed until then`,
		begins[1] + `"# nam: x": must begin with one of name, valid_from, valid_to, note and a colon`,
		begins[2] + `certificate: is not the certificate of an authority`,
		begins[4] + `certificate: repeats an earlier entry`,
	}
}

func TestTheErrorsOfAllFilesComeAtOnce(t *testing.T) {
	files := map[string]string{"units.csv": "code\n", "texts.csv": "key,lang,text\nnone,vi,a\n", "boundary.geojson": "{", "roots.pem": "", "words.csv": "class\n"}
	_, problems, err := intake.Read(folder(t, files), now)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, p := range problems {
		seen[p.File] = true
	}
	if got, want := slices.Sorted(maps.Keys(seen)), slices.Sorted(maps.Keys(files)); !slices.Equal(got, want) {
		t.Errorf("problems came of %v, want %v", got, want)
	}
}

func TestATableIsReadHoweverASpreadsheetWroteIt(t *testing.T) {
	plain := "# ghi chú, một\n" + unitsHead + "99,province,Tỉnh,Tỉnh,,,\n99001,commune,\"Xã \"\"A\"\", B\",Xã,99,2025-07-01,\n"
	rows := []struct {
		name string
		text string
	}{
		{"as it is", plain},
		{"with a byte order mark", "\ufeff" + plain},
		{"with the line ends of Windows", strings.ReplaceAll(plain, "\n", "\r\n")},
		{"with both", "\ufeff" + strings.ReplaceAll(plain, "\n", "\r\n")},
		{"with an empty row and empty columns at the end", strings.NewReplacer("Tỉnh,Tỉnh,,,\n", "Tỉnh,Tỉnh,,,,\n,,,,,,,\n", "_to\n", "_to,\n", "-01,\n", "-01,,\n").Replace(plain)},
		{"parted by semicolons, the note quoted", "\"# ghi chú, một\";;;;;;\ncode;level;name;type;parent;valid_from;valid_to\n99;province;Tỉnh;Tỉnh;;;\n99001;commune;\"Xã \"\"A\"\", B\";Xã;99;2025-07-01;\n"},
		{"parted by tabs", "# ghi chú, một\ncode\tlevel\tname\ttype\tparent\tvalid_from\tvalid_to\n99\tprovince\tTỉnh\tTỉnh\t\t\t\n99001\tcommune\t\"Xã \"\"A\"\", B\"\tXã\t99\t2025-07-01\t\n"},
		{"in decomposed letters", strings.NewReplacer("ỉ", "i\u0309", "ã", "a\u0303").Replace(plain)},
		{"the header in capitals, without a last line end", strings.TrimSuffix(strings.Replace(plain, "code,level", "Code, LEVEL ", 1), "\n")},
	}
	const want = `{"note":"ghi chú, một","units":[{"code":"99","level":"province","name":"Tỉnh","type":"Tỉnh"},` +
		`{"code":"99001","level":"commune","name":"Xã \"A\", B","parent":"99","type":"Xã","valid_from":"2025-07-01"}]}`
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			f, problems, err := intake.Read(folder(t, map[string]string{"units.csv": row.text}), now)
			if err != nil || len(problems) > 0 {
				t.Fatal(problems, err)
			}
			if got := string(f.Sources["units"].Document); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestEachTableBecomesItsDocument(t *testing.T) {
	rows := []struct {
		name  string
		kind  settings.Kind
		files map[string]string
		want  string
	}{
		{"roles for a time, lists however they are parted", settings.Agencies, map[string]string{"agencies.csv": "code,name,kind,unit,parent,roles,valid_to,successors\n" +
			"A,Một,organisation,,,\"agency, operator@2025-01-01..2026-01-01;department@..2026-01-01\",2026-06-01,B C\nB,Hai,organisation,,,province_office@2026-01-01..,,\nC,Ba,organisation,,,,,\n"},
			`{"agencies":[{"code":"A","kind":"organisation","name":"Một","roles":[{"role":"agency"},{"role":"operator","valid_from":"2025-01-01","valid_to":"2026-01-01"},` +
				`{"role":"department","valid_to":"2026-01-01"}],"successors":["B","C"],"valid_to":"2026-06-01"},` +
				`{"code":"B","kind":"organisation","name":"Hai","roles":[{"role":"province_office","valid_from":"2026-01-01"}]},{"code":"C","kind":"organisation","name":"Ba"}]}`},
		{"leads and days", settings.Categories, map[string]string{"categories.csv": "code,name,leads,default_working_days\nduong,Đường,@commune A, 3 \n"},
			`{"categories":[{"code":"duong","default_working_days":3,"leads":["@commune","A"],"name":"Đường"}]}`},
		{"days, and hours by agency and season", settings.Calendar, map[string]string{
			"calendar.csv": "# version: 2026.1\n# source: Công văn 1, 2\ndate,kind,name,status,confirmed,instead_of\n2026-02-16,off,Tết,provisional,true,\n2026-02-28,work,Bù,decided,,2026-02-16\n",
			"hours.csv": hoursHead + ",2026-01-01,,,,,,07:30,11:30\n,2026-01-01,,,,,sat sun,13:30,17:00\nA,2026-01-01,2026-12-31,,,,,08:00,12:00\n" +
				"A,2026-01-01,2026-12-31,Hè,06-01,08-31,,07:00,11:00\nA,2026-01-01,2026-12-31,Hè,06-01,08-31,,13:00,16:00\nA,2026-01-01,2026-12-31,Đông,12-01,01-31,,09:00,12:00\n"},
			`{"days":[{"confirmed":true,"date":"2026-02-16","kind":"off","name":"Tết","status":"provisional"},` +
				`{"date":"2026-02-28","instead_of":"2026-02-16","kind":"work","name":"Bù","status":"decided"}],` +
				`"hours":[{"from":"2026-01-01","sessions":[{"from":"07:30","to":"11:30"},{"days":["sat","sun"],"from":"13:30","to":"17:00"}]},` +
				`{"agency":"A","from":"2026-01-01","seasons":[{"from":"06-01","name":"Hè","sessions":[{"from":"07:00","to":"11:00"},{"from":"13:00","to":"16:00"}],"to":"08-31"},` +
				`{"from":"12-01","name":"Đông","sessions":[{"from":"09:00","to":"12:00"}],"to":"01-31"}],"sessions":[{"from":"08:00","to":"12:00"}],"until":"2026-12-31"}],` +
				`"source":"Công văn 1, 2","version":"2026.1"}`},
		{"policies of each form", settings.Policies, map[string]string{"policies.csv": "name,value,valid_from\nscreening_minutes,90,2026-05-01\nhour_unit,clock,\nrequire_person_signature,false,\n"},
			`[{"name":"screening_minutes","valid_from":"2026-05-01","value":90},{"name":"hour_unit","value":"clock"},{"name":"require_person_signature","value":false}]`},
		{"phrases", settings.Words, map[string]string{"words.csv": "class,phrase,weight\n9.1.a,thủ tục … hành chính,3\n"},
			`[{"class":"9.1.a","phrase":"thủ tục … hành chính","weight":3}]`},
		{"a text keeps its lines", settings.Texts, map[string]string{"texts.csv": "key,lang,text,note\r\nnotice.report.accepted.body,vi,\"Kính gửi,\r\n\r\n  {code}\r\n\",ghi chú\r\n"},
			`[{"key":"notice.report.accepted.body","lang":"vi","note":"ghi chú","text":"Kính gửi,\n\n  {code}\n"}]`},
		{"certificates by name, and by issuer and serial", settings.Certificates, map[string]string{"certificates.csv": "agency,common_name,issuer,serial,valid_from\nA,Sở A,,,2026-01-01\nA,,CN=CA,0a:1b,\n"},
			`[{"agency":"A","common_name":"Sở A","valid_from":"2026-01-01"},{"agency":"A","issuer":"CN=CA","serial":"0a:1b"}]`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			f, problems, err := intake.Read(folder(t, row.files), now)
			if err != nil || len(problems) > 0 {
				t.Fatal(problems, err)
			}
			if got := string(f.Sources[row.kind].Document); got != row.want {
				t.Errorf("got  %s\nwant %s", got, row.want)
			}
		})
	}
}
