package settings

import (
	"paht/shared/directory"
	"paht/shared/fault"
	"paht/shared/worktime"
)

// Problem is one thing that is wrong with a document: where it stands, as
// [3].valid_from, and which rule it breaks. Nothing of the content is in it but
// names that the forms themselves define.
type Problem struct {
	Path string   `json:"path"`
	Rule string   `json:"rule"`
	Args []string `json:"args,omitempty"`
}

// The rules beside those that directory names, whose words these share.
const (
	RuleTooLarge     = directory.RuleTooLarge
	RuleNotJSON      = directory.RuleNotJSON
	RuleNotObject    = directory.RuleNotObject
	RuleNotList      = directory.RuleNotList
	RuleNotText      = directory.RuleNotText
	RuleNotWhole     = directory.RuleNotWhole
	RuleRequired     = directory.RuleRequired
	RuleUnknownField = directory.RuleUnknownField
	RuleTooLong      = directory.RuleTooLong
	RuleTooMany      = directory.RuleTooMany
	RuleBadCode      = directory.RuleBadCode
	RuleBadValue     = directory.RuleBadValue
	RuleOutOfRange   = directory.RuleOutOfRange
	RuleEmptySpan    = directory.RuleEmptySpan
	RuleDuplicate    = directory.RuleDuplicate
	RuleOverlap      = directory.RuleOverlap
	RuleUnknownCode  = directory.RuleUnknownCode

	RuleBadDate             = "bad_instant"
	RuleNotFlag             = "not_flag"
	RuleRepeated            = "repeated_field"
	RuleControl             = "control_characters"
	RuleType                = "bad_type"
	RuleFormat              = "bad_format"
	RuleConflict            = "conflict"
	RuleUnknownPolicy       = "unknown_policy"
	RuleUnsupported         = "unsupported"
	RuleUnknownKey          = "unknown_key"
	RuleUnknownLanguage     = "unknown_language"
	RuleBraces              = "braces"
	RuleUnknownPlaceholder  = "unknown_placeholder"
	RuleRequiredPlaceholder = "required_placeholder"
	RuleUnknownRight        = "unknown_right"
	RuleRightsApart         = "rights_apart"
	RuleReadsOnly           = "reads_only"
	RuleLockout             = "lockout"
	RuleNotHeldBy           = "not_held_by"
	RuleNotPEM              = "not_pem"
	RulePrivateKey          = "private_key"
	RuleNotAuthority        = "not_authority"
	RuleNotSetUp            = "not_set_up"
	RuleSameVersion         = "same_version"
	RulePhrase              = "bad_phrase"
	RuleSingleWord          = "single_word"
)

var ruleTexts = map[string][2]string{
	RuleBadDate:             {"phải là ngày YYYY-MM-DD hoặc thời điểm theo RFC 3339", "must be a date YYYY-MM-DD or an RFC 3339 instant"},
	RuleNotFlag:             {"phải là true hoặc false", "must be true or false"},
	RuleRepeated:            {"trường bị lặp lại", "must not stand twice"},
	RuleControl:             {"không được chứa ký tự điều khiển hoặc xuống dòng", "must not contain control characters or line breaks"},
	RuleType:                {"không đúng kiểu dữ liệu", "is not of the type that the field has"},
	RuleFormat:              {"không đúng định dạng", "does not have the form that the field asks for"},
	RuleConflict:            {"mâu thuẫn với một mục khác", "does not fit another entry"},
	RuleUnknownPolicy:       {"không có chính sách này", "is no policy of this system"},
	RuleUnsupported:         {"phiên bản này chưa hỗ trợ giá trị đó", "is a value that this version does not carry out"},
	RuleUnknownKey:          {"không có văn bản mẫu này", "is no text of this system"},
	RuleUnknownLanguage:     {"ngôn ngữ phải là vi, en hoặc km", "must be vi, en or km"},
	RuleBraces:              {"dấu ngoặc nhọn không khớp", "has a brace that is not part of a placeholder"},
	RuleUnknownPlaceholder:  {"văn bản này chỉ được dùng các trường: %s", "may only use the placeholders: %s"},
	RuleRequiredPlaceholder: {"văn bản này phải có trường {%s}", "must use the placeholder {%s}"},
	RuleUnknownRight:        {"không có quyền này", "is no right of this system"},
	RuleRightsApart:         {"quyền xem nhật ký không được đi cùng quyền quản trị", "the right to read the audit must not stand with an administrator's rights"},
	RuleReadsOnly:           {"vai trò giám sát chỉ được xem và đôn đốc", "the monitor reads and urges, and changes nothing"},
	RuleLockout:             {"phải luôn có một vai trò giữ quyền %s", "at every time some role must hold the right %s"},
	RuleNotHeldBy:           {"đơn vị của cán bộ không được giữ vai trò này", "is a role that the officer's agency may not hold"},
	RuleNotPEM:              {"phải là đúng một chứng thư số dạng PEM", "must be exactly one certificate in PEM"},
	RulePrivateKey:          {"không được gửi khóa bí mật", "must not contain a private key"},
	RuleNotAuthority:        {"không phải chứng thư của tổ chức chứng thực", "is not the certificate of an authority"},
	RuleNotSetUp:            {"cần nhập trước: %s", "needs this to be stored first: %s"},
	RulePhrase:              {"phải là các âm tiết; dùng … cho khoảng giữa, | cho lựa chọn, 0 cho số", "must be words, with … between words, | between alternatives and 0 for a number"},
	RuleSingleWord:          {"phải có ít nhất hai âm tiết", "must have two words or more: an everyday word alone says nothing"},
	RuleSameVersion:         {"lịch thay đổi phải mang số phiên bản mới", "a calendar that changed must carry a new version"},
}

// RuleText returns a rule in Vietnamese and English, for problem documents; %s
// stands for the problem's arguments.
func RuleText(rule string) (vietnamese, english string) {
	if t, ok := ruleTexts[rule]; ok {
		return t[0], t[1]
	}
	return directory.RuleText(rule)
}

// Refused is the fault that names all problems; prefix is the field in which
// the document came.
func Refused(prefix string, list []Problem) error {
	var fields fault.Fields
	for _, p := range list {
		path := prefix
		if p.Path != "" && p.Path[0] != '[' {
			path += "."
		}
		fields.Add(path+p.Path, p.Rule, p.Args...)
	}
	return fields.Err()
}

// ofDirectory takes over what directory found.
func (p *problems) ofDirectory(found []directory.Problem) {
	for _, f := range found {
		p.add(f.Path, f.Rule)
	}
}

// calendarRules are worktime's codes in the words of this package.
var calendarRules = map[string]string{
	worktime.CodeJSON: RuleNotJSON, worktime.CodeUnknown: RuleUnknownField, worktime.CodeRepeated: RuleRepeated,
	worktime.CodeRequired: RuleRequired, worktime.CodeType: RuleType, worktime.CodeFormat: RuleFormat,
	worktime.CodeLength: RuleTooLong, worktime.CodeOrder: RuleEmptySpan, worktime.CodeOverlap: RuleOverlap,
	worktime.CodeDuplicate: RuleDuplicate, worktime.CodeConflict: RuleConflict,
}

// ofCalendar takes over what worktime found; its English sentence is the argument.
func (p *problems) ofCalendar(found []worktime.Problem) {
	for _, f := range found {
		p.add(f.Field, calendarRules[f.Code], f.Rule)
	}
}
