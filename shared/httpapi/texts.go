package httpapi

import (
	"fmt"
	"net/http"
	"strings"

	"paht/shared/settings"
)

// text is one message in both languages; %s verbs take the fault's facts in order.
type text struct{ vi, en string }

// texts are what people are told of each code.
var texts = map[string]text{
	// The request as a whole.
	"invalid":                 {"Có thông tin chưa đúng; xem từng mục.", "Some values are wrong; see each field."},
	"malformed":               {"Không đọc được yêu cầu.", "The request cannot be read."},
	"internal":                {"Hệ thống gặp lỗi; xin thử lại sau.", "Something went wrong; please try again."},
	"timeout":                 {"Hệ thống trả lời chậm; xin thử lại với cùng mã yêu cầu.", "The answer took too long; repeat with the same key."},
	"body_too_large":          {"Nội dung gửi lên quá lớn.", "The body is too large."},
	"unsupported_media_type":  {"Nội dung phải là application/json.", "The body must be application/json."},
	"not_acceptable":          {"Chỉ trả lời bằng application/json.", "Only application/json can be answered."},
	"no_such_operation":       {"Không có địa chỉ này.", "There is no such address."},
	"forbidden":               {"Không được phép.", "Not allowed."},
	"not_found":               {"Không tìm thấy.", "Not found."},
	"no_session":              {"Cần đăng nhập.", "Please log in."},
	"session_invalid":         {"Phiên đăng nhập không còn hiệu lực; xin đăng nhập lại.", "The session is no longer valid; please log in again."},
	"foreign_origin":          {"Yêu cầu đến từ một trang khác.", "The request comes from another site."},
	"wrong_kind_of_account":   {"Loại tài khoản này không dùng được chức năng này.", "This kind of account cannot use this function."},
	"right_missing":           {"Tài khoản không có quyền %s.", "The account lacks the right %s."},
	"idempotency_key_missing": {"Thiếu hoặc sai tiêu đề Idempotency-Key.", "The header Idempotency-Key is missing or wrong."},
	"key_reused":              {"Khóa Idempotency-Key này đã dùng cho nội dung khác (%s).", "This Idempotency-Key was used with another body (%s)."},
	"if_match_missing":        {"Thiếu tiêu đề If-Match.", "The header If-Match is missing."},
	"if_match_malformed":      {"Tiêu đề If-Match không đúng dạng.", "The header If-Match is malformed."},
	"stale":                   {"Nội dung đã thay đổi sau lần bạn xem (bản hiện tại: %s); xin tải lại.", "It has changed since you saw it (now %s); please reload."},
	"wrong_state":             {"Trạng thái hiện tại (%s) không cho phép việc này.", "The current state (%s) does not allow this."},
	"not_set_up":              {"Hệ thống chưa được thiết lập: %s.", "The system is not set up yet: %s."},
	"too_many_requests":       {"Quá nhiều yêu cầu; xin đợi rồi thử lại.", "Too many requests; please wait."},
	// Rules of fields.
	"required":         {"Bắt buộc.", "Required."},
	"unknown_field":    {"Không có mục này.", "There is no such field."},
	"not_json":         {"Không phải JSON.", "Not JSON."},
	"not_a_time":       {"Phải là thời điểm theo RFC 3339.", "Must be a time as in RFC 3339."},
	"not_an_email":     {"Phải là địa chỉ thư điện tử.", "Must be an e-mail address."},
	"not_a_boolean":    {"Phải là true hoặc false.", "Must be true or false."},
	"not_a_number":     {"Phải là số.", "Must be a number."},
	"not_an_integer":   {"Phải là số nguyên.", "Must be a whole number."},
	"not_a_string":     {"Phải là chuỗi ký tự.", "Must be a text."},
	"not_a_list":       {"Phải là danh sách.", "Must be a list."},
	"not_an_object":    {"Phải là đối tượng.", "Must be an object."},
	"not_unique":       {"Các phần tử không được trùng nhau.", "The entries must differ."},
	"not_one_of":       {"Phải là một trong: %s.", "Must be one of: %s."},
	"too_small":        {"Phải từ %s trở lên.", "Must be %s or more."},
	"too_large":        {"Phải từ %s trở xuống.", "Must be %s or less."},
	"too_short":        {"Phải có ít nhất %s ký tự.", "Must have at least %s characters."},
	"too_long":         {"Không được quá %s ký tự.", "Must have at most %s characters."},
	"length_between":   {"Phải có từ %s đến %s ký tự.", "Must have %s to %s characters."},
	"wrong_form":       {"Không đúng dạng.", "The form is wrong."},
	"too_few":          {"Cần ít nhất %s mục.", "Needs at least %s entries."},
	"too_many":         {"Không được quá %s mục.", "May have at most %s entries."},
	"not_an_etag":      {"Phải là ETag trong dấu ngoặc kép.", "Must be a quoted ETag."},
	"cursor_tampered":  {"Con trỏ trang không hợp lệ.", "The cursor is not valid."},
	"blank":            {"Không được để trống.", "Must not be blank."},
	"in_the_future":    {"Không được ở tương lai.", "Must not be in the future."},
	"one_filter":       {"Chỉ lọc theo xã hoặc theo lĩnh vực.", "Filter by commune or by category, not both."},
	"hours_or_days":    {"Cần số giờ và cách tính, hoặc số ngày.", "Give hours with a kind, or days."},
	"out_of_range":     {"Nằm ngoài khoảng thời gian tính được.", "Lies outside the range that can be computed."},
	"too_few_sessions": {"Lịch làm việc không đủ phiên để tính hạn.", "The calendar has too few sessions for this."},
	// The report and its place.
	"without_diacritics":  {"Xin viết tiếng Việt có dấu (Điều 9.2).", "Please write Vietnamese with diacritics (Art. 9.2)."},
	"not_vietnamese":      {"Xin viết bằng tiếng Việt (Điều 9.2).", "Please write in Vietnamese (Art. 9.2)."},
	"khmer":               {"Xin viết bằng tiếng Việt có dấu. សូមសរសេរជាភាសាវៀតណាមមានសញ្ញា។", "Please write Vietnamese with diacritics. សូមសរសេរជាភាសាវៀតណាមមានសញ្ញា។"},
	"place_missing":       {"Cần một điểm trên bản đồ, hoặc xã và địa chỉ.", "Needs a point, or a commune and an address."},
	"outside_province":    {"Nằm ngoài địa bàn tỉnh.", "Lies outside the province."},
	"other_commune":       {"Điểm này không thuộc xã đã chọn.", "The point is not in that commune."},
	"unknown_commune":     {"Không có xã này.", "There is no such commune."},
	"unknown_category":    {"Không có lĩnh vực này.", "There is no such category."},
	"unknown_upload":      {"Không có tệp này.", "There is no such upload."},
	"upload_unfinished":   {"Tệp chưa được tải lên xong.", "The upload is not finished."},
	"upload_taken":        {"Tệp này đã thuộc về phản ánh khác.", "The upload belongs to another report."},
	"upload_rejected":     {"Tệp này không được nhận (%s).", "The upload was not taken (%s)."},
	"channel_unusable":    {"Kênh nhận tin chưa dùng được: cần thư điện tử đã xác minh hoặc thiết bị đã đăng ký.", "The channel cannot be used yet: it needs a verified e-mail address or a registered device."},
	"unknown_code":        {"Không có mã này hoặc mã không còn hiệu lực.", "There is no such code in force."},
	"related_missing":     {"Cần nêu phản ánh hoặc văn bản liên quan.", "Needs the earlier report or document."},
	"related_unknown":     {"Không tìm thấy phản ánh liên quan đang mở.", "The related open report is not found."},
	"earlier_unknown":     {"Không tìm thấy phản ánh trước đó.", "The earlier report is not found."},
	"related_unpublished": {"Phản ánh liên quan chưa có kết quả công khai.", "The related report has no published result."},
	"not_assigned":        {"Cơ quan này không được giao xử lý tại thời điểm này.", "This agency is not assigned at this time."},
	"repeated":            {"Bị lặp lại.", "Stands twice."},
	"no_due_time":         {"Chưa có thời hạn xử lý.", "There is no due time for the handling."},
	"no_supplement_asked": {"Chưa có yêu cầu bổ sung thông tin.", "No supplement was asked for."},
	"supplement_open":     {"Đã có một yêu cầu bổ sung đang chờ.", "A supplement is already asked for."},
	"not_returned":        {"Không có phần nào được cơ quan chuyển ý kiến và đang chờ.", "Nothing was returned that waits for this."},
	"already_extended":    {"Phần này đã được gia hạn một lần.", "This part was extended once already."},
	"due_passed":          {"Đã quá hạn xử lý, không thể gia hạn.", "The due time has passed, so it cannot be extended."},
	"rating_closed":       {"Đã hết thời gian đánh giá.", "The time for rating has passed."},
	// Results.
	"before_transfer": {"Phải sau khi chuyển xử lý.", "Must not be before the transfer."},
	"after_signature": {"Không được sau thời điểm ký số.", "Must not be after the signing time."},
	"result_refused":  {"Văn bản kết quả không được nhận: %s.", "The result was not taken: %s."},
	"unchecked_media": {"Còn hình ảnh chưa được kiểm tra.", "A picture is not marked as checked."},
	// Accounts.
	"log_in_refused":       {"Sai tên đăng nhập hoặc mật khẩu.", "The log-in name or the password is wrong."},
	"account_locked":       {"Tài khoản đã bị khóa; xin liên hệ cơ quan quản lý để mở khóa.", "The account is locked; please ask the department to unlock it."},
	"log_in_taken":         {"Tên đăng nhập này đã có người dùng.", "The log-in name is taken."},
	"code_refused":         {"Mã không đúng hoặc đã hết hạn.", "The code is wrong or has expired."},
	"weak_password":        {"Mật khẩu quá dễ đoán.", "The password is too easy to guess."},
	"unknown_agency":       {"Không có cơ quan này.", "There is no such agency."},
	"unknown_role":         {"Không có vai trò này.", "There is no such role."},
	"not_locked":           {"Tài khoản không bị khóa.", "The account is not locked."},
	"password_with_log_in": {"Mật khẩu không được chứa tên đăng nhập.", "The password must not contain the log-in name."},
	"own_account":          {"Không thể tự thay đổi tài khoản của mình; xin nhờ cán bộ khác.", "You cannot change your own account; please ask another officer."},
	"nothing_changes":      {"Không có thay đổi nào được nêu.", "No change is named."},
	"administrator_exists": {"Đã có quản trị viên đầu tiên.", "The first administrator exists already."},
	"not_an_officer":       {"Không phải tài khoản cán bộ.", "Not an officer's account."},
}

// say gives the text of a code; an unknown code says itself.
func say(language, code string, args []string) string {
	t, ok := texts[code]
	if !ok {
		t.vi, t.en = settings.RuleText(code) // what settings documents and roles are checked by
	}
	if t.vi == "" {
		return code
	}
	form := t.vi
	if language == "en" {
		form = t.en
	}
	values := make([]any, strings.Count(form, "%s"))
	for i := range values {
		values[i] = "?"
		if i < len(args) {
			values[i] = args[i]
		}
	}
	return fmt.Sprintf(form, values...)
}

var titles = map[int]text{
	http.StatusBadRequest:            {"Yêu cầu không đọc được", "Bad request"},
	http.StatusUnauthorized:          {"Chưa đăng nhập", "Not logged in"},
	http.StatusForbidden:             {"Không có quyền", "Not allowed"},
	http.StatusNotFound:              {"Không tìm thấy", "Not found"},
	http.StatusConflict:              {"Trạng thái không cho phép", "The state does not allow it"},
	http.StatusPreconditionFailed:    {"Nội dung đã thay đổi", "It has changed"},
	http.StatusRequestEntityTooLarge: {"Quá lớn", "Too large"},
	http.StatusUnsupportedMediaType:  {"Không đúng kiểu nội dung", "Unsupported kind of content"},
	http.StatusUnprocessableEntity:   {"Thông tin chưa đúng", "Wrong values"},
	http.StatusPreconditionRequired:  {"Thiếu điều kiện", "A condition is missing"},
	http.StatusTooManyRequests:       {"Quá nhiều yêu cầu", "Too many requests"},
	http.StatusInternalServerError:   {"Lỗi hệ thống", "Internal error"},
	http.StatusServiceUnavailable:    {"Chưa sẵn sàng", "Not available"},
}

func title(language string, status int) string {
	t, ok := titles[status]
	if !ok {
		return http.StatusText(status)
	}
	if language == "en" {
		return t.en
	}
	return t.vi
}

// language chooses by Accept-Language (RFC 9110, section 12.5.4): English where
// it is asked for before Vietnamese, else Vietnamese.
func language(header string) string {
	for _, part := range strings.Split(header, ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if primary == "vi" || primary == "en" {
			return primary
		}
	}
	return "vi"
}
