// The guides (R78), by language: what is not a label does not go through the
// dictionaries, since nothing else uses it.
import { chosen, language } from "./index";

export interface Chapter {
  title: string;
  paragraphs: string[];
}
export interface Guide {
  reporter: Chapter[];
  officer: Chapter[];
  titles: { page: string; reporter: string; officer: string };
}

const vi: Guide = {
  titles: { page: "Hướng dẫn", reporter: "Cho người gửi phản ánh", officer: "Cho cán bộ" },
  reporter: [
    { title: "Gửi được việc gì?", paragraphs: ["Sự việc ngoài hiện trường đã, đang hoặc có nguy cơ xảy ra: đường hỏng, rác, ngập, điện, cây đổ, mất trật tự…", "Phản ánh về quy định hành chính, đơn khiếu nại, tố cáo, kiến nghị có nơi nhận riêng và không được tiếp nhận ở đây."] },
    { title: "Cần có gì?", paragraphs: ["Một tài khoản có thư điện tử đã xác minh. Đăng ký một lần, dùng mãi.", "Nội dung viết tiếng Việt có dấu, nơi xảy ra (điểm trên bản đồ, hoặc xã và địa chỉ), lĩnh vực. Hình ảnh không bắt buộc."] },
    { title: "Sau khi gửi", paragraphs: ["Trong 02 giờ làm việc, bạn được trả lời có tiếp nhận hay không, và lý do nếu không.", "Trong 01 giờ làm việc tiếp theo, phản ánh được chuyển đến cơ quan xử lý. Cơ quan có hạn xử lý; bạn thấy hạn đó ở trang phản ánh của mình.", "Kết quả là văn bản có ký số; khi công khai, bạn nhận tin và có 15 ngày để đánh giá."] },
    { title: "Mạng yếu hoặc mất mạng", paragraphs: ["Bản nháp và hình được giữ trên máy. Phản ánh đã bấm gửi sẽ tự đi đúng một lần khi có mạng, kể cả sau khi đóng trang."] },
    { title: "Thông tin cá nhân", paragraphs: ["Mặc định không công khai tên. Số điện thoại, thư điện tử không bao giờ công khai. Bằng mã phản ánh, người khác chỉ thấy lĩnh vực, xã, tình trạng và thời hạn."] },
  ],
  officer: [
    { title: "Hàng việc", paragraphs: ["Việc xếp theo hạn. Thời gian còn lại tính theo giờ làm việc. Bộ lọc nằm trên địa chỉ trang, nên lưu và gửi cho nhau được."] },
    { title: "Kiểm tra", paragraphs: ["Tiếp nhận, không tiếp nhận (chọn mã lý do và viết lý do), hoặc hỏi thêm. Hỏi thêm không dừng đồng hồ."] },
    { title: "Chuyển xử lý", paragraphs: ["Hệ thống đề xuất cơ quan và số ngày. Có thể đổi trước khi chuyển. Sau khi cơ quan chuyển trả, chuyển tiếp hoặc trả lời người gửi."] },
    { title: "Xử lý", paragraphs: ["Nhận, báo tiến độ, chuyển trả trong 01 giờ nếu không thuộc thẩm quyền, hoặc tải văn bản PDF đã ký số. Chữ ký được kiểm tra ngay; nếu không nhận, từng lý do được nêu."] },
    { title: "Biên tập và công khai", paragraphs: ["Sửa bản công khai cạnh bản gốc, đánh dấu từng hình đã xem khuôn mặt và biển số, bỏ hình không che được, rồi công khai."] },
    { title: "Phím tắt", paragraphs: ["Ở hàng việc: j và k để xuống, lên; Enter để mở; / để tìm. Ở phản ánh: u để về hàng việc. Tắt được ở trang Tài khoản."] },
  ],
};

const en: Guide = {
  titles: { page: "Guides", reporter: "For reporters", officer: "For officers" },
  reporter: [
    { title: "What can be sent?", paragraphs: ["Something in the field that happened, happens or threatens to happen: a broken road, rubbish, flooding, power lines, fallen trees, disorder…", "Reports about administrative regulations, and complaints, denunciations and petitions, have their own doors and are not accepted here."] },
    { title: "What do you need?", paragraphs: ["An account with a verified e-mail address.", "A text in Vietnamese with diacritics, a place (a point, or a commune and an address) and a category. Pictures are optional."] },
    { title: "After sending", paragraphs: ["Within 2 working hours you are told whether it is accepted, and why if not.", "Within one more working hour it is transferred to an agency. The agency has a due time; you see it on your report's page.", "The result is a signed document; when it is published you are told, and you have 15 days to rate it."] },
    { title: "With a poor line", paragraphs: ["Drafts and pictures are kept on the device. A report that was sent goes out exactly once when the network is back, also after the page was closed."] },
    { title: "Personal data", paragraphs: ["Your name is hidden unless you choose otherwise. Phone numbers and e-mail addresses are never published. The tracking code shows only category, commune, state and time limits."] },
  ],
  officer: [
    { title: "The queue", paragraphs: ["Work is sorted by due time. What is left is counted in working time. Filters stand in the address, so they can be kept and shared."] },
    { title: "Screening", paragraphs: ["Accept, refuse (with a code and your reason), or ask for more. Asking stops no clock."] },
    { title: "Transfer", paragraphs: ["The system proposes agency and days; both can be changed. After a return, transfer again or answer the reporter."] },
    { title: "Handling", paragraphs: ["Confirm receipt, report progress, return within one hour what is not yours, or upload the signed PDF. Signatures are checked at once, and each broken rule is named."] },
    { title: "Editing and publishing", paragraphs: ["Edit beside the original, mark each picture as checked for faces and plates, leave out what cannot be shown, then release."] },
    { title: "Keyboard", paragraphs: ["In the queue: j and k move, Enter opens, / searches. In a report: u goes back. It can be switched off on the account page."] },
  ],
};

export function guide(): Guide {
  if (chosen() !== "keys") return language() === "en" ? en : vi;
  const keyed = (list: Chapter[], of: string) => list.map((_, i) => ({ title: `[guide.${of}.${i}]`, paragraphs: [`[guide.${of}.${i}.text]`] }));
  return { titles: { page: "[guide]", reporter: "[guide.reporter]", officer: "[guide.officer]" }, reporter: keyed(vi.reporter, "reporter"), officer: keyed(vi.officer, "officer") };
}
