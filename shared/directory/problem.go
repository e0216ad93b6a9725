package directory

import "fmt"

// Problem is one thing that is wrong with a document: where, and which rule it
// breaks. Nothing of the document's content is in it.
type Problem struct {
	Path string `json:"path"` // agencies[3].successors[0]; empty for the document
	Rule string `json:"rule"` // one of the Rule constants
}

func (p Problem) String() string {
	_, english := RuleText(p.Rule)
	if p.Path == "" {
		return "document: " + english
	}
	return p.Path + ": " + english
}

// maxProblems bounds the list: who sent the wrong file needs no million lines.
const maxProblems = 1000

// The rules that a document can break. The codes are stable.
const (
	RuleTooLarge        = "too_large"
	RuleNotJSON         = "not_json"
	RuleNotObject       = "not_object"
	RuleNotList         = "not_list"
	RuleNotText         = "not_text"
	RuleNotWhole        = "not_whole_number"
	RuleRequired        = "required"
	RuleUnknownField    = "unknown_field"
	RuleTooLong         = "too_long"
	RuleTooMany         = "too_many"
	RuleBadCode         = "bad_code"
	RuleBadDate         = "bad_date"
	RuleBadValue        = "bad_value"
	RuleOutOfRange      = "out_of_range"
	RuleEmptySpan       = "empty_span"
	RuleDuplicate       = "duplicate"
	RuleOverlap         = "overlap"
	RuleUnknownCode     = "unknown_code"
	RuleNotInForce      = "not_in_force"
	RuleSuccessorOpen   = "successor_of_open_row"
	RuleParentLoop      = "parent_loop"
	RuleOutsideSpan     = "outside_span"
	RuleHeldTwice       = "held_twice"
	RuleUnitRequired    = "unit_required"
	RuleUnitNotAllowed  = "unit_not_allowed"
	RuleWrongLevel      = "wrong_level"
	RuleNeverAssigned   = "never_assigned"
	RuleNotFeatures     = "not_feature_collection"
	RuleNotFeature      = "not_feature"
	RuleNotPolygon      = "not_polygon"
	RuleRingShort       = "ring_too_short"
	RuleRingOpen        = "ring_not_closed"
	RuleRingFlat        = "ring_without_area"
	RuleNotPosition     = "not_position"
	RuleHoleOutside     = "hole_outside"
	RuleWithoutBoundary = "without_boundary"
)

// text is a rule in the two languages of the interface.
type text struct{ vietnamese, english string }

var ruleTexts = map[string]text{
	RuleTooLarge:        {"tệp quá lớn", "the file is too large"},
	RuleNotJSON:         {"không phải JSON hợp lệ", "is not valid JSON"},
	RuleNotObject:       {"phải là một đối tượng JSON", "must be a JSON object"},
	RuleNotList:         {"phải là một danh sách", "must be a list"},
	RuleNotText:         {"phải là chuỗi ký tự không có ký tự điều khiển", "must be a text without control characters"},
	RuleNotWhole:        {"phải là số nguyên", "must be a whole number"},
	RuleRequired:        {"không được để trống", "must not be empty"},
	RuleUnknownField:    {"trường không được hỗ trợ", "is not a field of this document"},
	RuleTooLong:         {"quá dài", "is too long"},
	RuleTooMany:         {"quá nhiều phần tử", "has too many entries"},
	RuleBadCode:         {"mã chỉ gồm chữ không dấu, số, dấu chấm, gạch ngang và gạch dưới, tối đa 40 ký tự", "must be a code of ASCII letters, digits, dot, hyphen and underscore, at most 40 characters"},
	RuleBadDate:         {"phải là ngày có thật theo dạng YYYY-MM-DD, hoặc null", "must be a date that exists, as YYYY-MM-DD, or null"},
	RuleBadValue:        {"không thuộc các giá trị cho phép", "is not one of the values allowed"},
	RuleOutOfRange:      {"nằm ngoài khoảng cho phép", "is outside the range allowed"},
	RuleEmptySpan:       {"ngày hết hiệu lực phải sau ngày có hiệu lực", "must be after valid_from"},
	RuleDuplicate:       {"trùng với một mục trước đó", "repeats an earlier entry"},
	RuleOverlap:         {"cùng mã và trùng thời gian hiệu lực với một mục khác", "is in force at the same time as another row with this code"},
	RuleUnknownCode:     {"mã không có trong danh mục", "names a code that the directory does not hold"},
	RuleNotInForce:      {"mã này không có hiệu lực vào thời điểm đó", "names a code that is not in force at that time"},
	RuleSuccessorOpen:   {"đơn vị chưa kết thúc thì chưa có đơn vị kế thừa", "a row without valid_to has no successors"},
	RuleParentLoop:      {"quan hệ trực thuộc bị vòng lặp", "is, through its parents, its own parent"},
	RuleOutsideSpan:     {"vai trò nằm ngoài thời gian hiệu lực của đơn vị", "the role is held outside the agency's own span"},
	RuleHeldTwice:       {"vai trò này đã có đơn vị khác giữ trong cùng thời gian", "another agency holds this role at the same time"},
	RuleUnitRequired:    {"ủy ban nhân dân huyện, xã phải có đơn vị hành chính", "a people's committee needs its territorial unit"},
	RuleUnitNotAllowed:  {"chỉ ủy ban nhân dân huyện, xã có đơn vị hành chính", "only a people's committee has a territorial unit"},
	RuleWrongLevel:      {"đơn vị hành chính không đúng cấp", "names a territorial unit of another level"},
	RuleNeverAssigned:   {"đơn vị này và các đơn vị kế thừa không được giao xử lý", "neither this agency nor a successor is ever assigned to handle reports"},
	RuleNotFeatures:     {"phải là GeoJSON FeatureCollection", "must be a GeoJSON FeatureCollection"},
	RuleNotFeature:      {"phải là GeoJSON Feature", "must be a GeoJSON Feature"},
	RuleNotPolygon:      {"phải là Polygon hoặc MultiPolygon", "must be a Polygon or a MultiPolygon"},
	RuleRingShort:       {"đường bao phải có ít nhất bốn điểm", "a ring has at least four positions"},
	RuleRingOpen:        {"điểm cuối của đường bao phải trùng điểm đầu", "a ring ends where it begins"},
	RuleRingFlat:        {"đường bao không có diện tích", "a ring encloses an area"},
	RuleNotPosition:     {"tọa độ phải là [kinh độ, vĩ độ] theo WGS 84", "must be a position [longitude, latitude] in WGS 84"},
	RuleHoleOutside:     {"lỗ phải nằm trong đường bao ngoài", "a hole lies within its polygon"},
	RuleWithoutBoundary: {"xã, phường này chưa có ranh giới", "this commune has no boundary"},
}

// RuleText returns a rule in Vietnamese and English, for problem documents.
func RuleText(rule string) (vietnamese, english string) {
	t := ruleTexts[rule]
	return t.vietnamese, t.english
}

// problems collects what is wrong.
type problems struct{ list []Problem }

func (p *problems) add(rule, format string, args ...any) {
	if len(p.list) < maxProblems {
		p.list = append(p.list, Problem{Path: fmt.Sprintf(format, args...), Rule: rule})
	}
}
