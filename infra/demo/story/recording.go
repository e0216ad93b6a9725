package story

import (
	"paht/infra/demo/api"
	"paht/shared/signature/signaturetest"
)

// Recording keeps what a run made up by itself, so that it can be played again
// against the answers that it was given: the reporter, and the signed files.
type Recording struct {
	Person []reporter
	Files  [][]byte
	again  bool
}

// Again is the recording at its beginning, to be played from.
func (r *Recording) Again() *Recording {
	return &Recording{Person: r.Person, Files: r.Files, again: true}
}

// person makes a reporter up, or gives the recorded one.
func (p *play) newPerson(name string) reporter {
	if r := p.Recording; r != nil && r.again && len(r.Person) > 0 {
		next := r.Person[0]
		r.Person = r.Person[1:]
		return next
	}
	tag := api.Key()[:8]
	made := reporter{name: name + " " + tag, logIn: "dan-" + lower(tag), password: "Song-Co-Chien-" + tag,
		email: "thu-" + lower(tag) + "@dan.example", phone: "09" + digits(tag)}
	if p.Recording != nil {
		p.Recording.Person = append(p.Recording.Person, made)
	}
	return made
}

// newFile makes a signed file, or gives the recorded one.
func (p *play) newFile(code string, agency *signaturetest.Signer) ([]byte, error) {
	if r := p.Recording; r != nil && r.again && len(r.Files) > 0 {
		next := r.Files[0]
		r.Files = r.Files[1:]
		return next, nil
	}
	file, err := p.signedResult(code, agency)
	if err == nil && p.Recording != nil {
		p.Recording.Files = append(p.Recording.Files, file)
	}
	return file, err
}
