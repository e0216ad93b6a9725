package notice

import (
	"fmt"
	"time"
)

const english = "en"

// reasons are what people are told of a code that stands in an event, in
// Vietnamese and in English.
var reasons = map[string][2]string{
	// Reasons of a return (R65).
	"not_competent":        {"Không thuộc thẩm quyền.", "Not within the agency's competence."},
	"partly_not_competent": {"Có nội dung không thuộc thẩm quyền.", "Partly not within the agency's competence."},
	"already_handled":      {"Đã được xử lý.", "Handled before."},
	// Why an upload was not taken.
	"wrong_size":      {"dung lượng khác với khai báo", "its size is not what was announced"},
	"wrong_checksum":  {"nội dung khác với khai báo", "its content is not what was announced"},
	"wrong_type":      {"không phải ảnh JPEG hoặc PNG như khai báo", "it is not the JPEG or PNG picture that was announced"},
	"too_many_pixels": {"ảnh có kích thước quá lớn", "the picture has too many pixels"},
	"truncated":       {"ảnh không đầy đủ", "the picture is incomplete"},
	"not_an_image":    {"không đọc được ảnh", "the picture cannot be read"},
	"animated":        {"ảnh động không được nhận", "moving pictures are not taken"},
	"polyglot":        {"tệp chứa dữ liệu khác ngoài ảnh", "the file holds more than a picture"},
	"never_uploaded":  {"tệp chưa được tải lên", "the file was never uploaded"},
	// Why an account is locked (R28, R29, R36 to R38).
	"wrong_passwords": {"nhập sai mật khẩu nhiều lần liên tiếp", "too many wrong passwords in a row"},
	"inactivity":      {"không đăng nhập trong thời gian dài", "no log-in for a long time"},
	"request":         {"theo đề nghị", "on request"},
	"duty_ended":      {"không còn nhiệm vụ trên Hệ thống", "the duty in the system has ended"},
}

// reason gives the text of a code; a code that is not known says itself.
func reason(language, code string) string {
	text, ok := reasons[code]
	switch {
	case !ok:
		return code
	case language == english:
		return text[1]
	}
	return text[0]
}

// province is the time of the province, which has no daylight saving.
var province = time.FixedZone("Asia/Ho_Chi_Minh", 7*60*60)

// clockTime writes an instant as people of the province read it.
func clockTime(language string, at time.Time) string {
	at = at.In(province)
	if language == english {
		return at.Format("15:04 on 2 January 2006")
	}
	return fmt.Sprintf("%s ngày %s", at.Format("15:04"), at.Format("02/01/2006"))
}
