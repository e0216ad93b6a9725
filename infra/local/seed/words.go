package seed

// event is what somebody sees, and what came of it.
type event struct{ title, text, answer string }

// events are made up, by category. %s is a street.
var events = map[string][]event{
	"giao_thong": {
		{"Ổ gà lớn trên %s", "Trên %s có một ổ gà rộng gần một mét, sâu hơn gang tay, trời mưa nước ngập che mất nên xe máy hay bị sụp. Đề nghị sớm vá lại mặt đường.", "Đã vá ổ gà bằng bê tông nhựa nguội và kẻ lại vạch tại %s. Đoạn đường đã lưu thông bình thường."},
		{"Biển báo bị che khuất tại %s", "Biển báo cấm rẽ trái ở đầu %s bị cây che khuất hoàn toàn, nhiều người đi nhầm vào giờ tan trường rất nguy hiểm.", "Đã cắt tỉa cây và nâng biển báo tại %s, người đi đường đã nhìn thấy từ xa."},
		{"Lan can cầu bị gãy ở %s", "Lan can cầu nhỏ trên %s bị xe tải va gãy một đoạn khoảng hai mét, ban đêm không có đèn nên rất nguy hiểm cho học sinh đi xe đạp.", "Đã hàn lại lan can và sơn phản quang cầu trên %s."},
		{"Đèn tín hiệu không hoạt động tại %s", "Đèn tín hiệu ở ngã tư %s tắt từ sáng hôm qua, giờ cao điểm xe cộ chen lấn, đã có va quẹt.", "Đã thay bộ điều khiển của đèn tín hiệu tại %s, hiện đèn hoạt động ổn định."},
		{"Mặt đường bong tróc trên %s", "Mặt đường nhựa mới làm ở %s đã bong tróc thành từng mảng, đá dăm văng ra đường làm người đi xe máy dễ trượt ngã.", "Nhà thầu đã bảo hành, thảm lại 40 mét mặt đường tại %s."},
	},
	"chieu_sang_cay_xanh": {
		{"Đèn đường không sáng ở %s", "Ba bóng đèn đường liên tiếp trên %s không sáng đã một tuần, khu vực có trường học nên buổi tối đi lại rất bất tiện.", "Đã thay ba bóng đèn và kiểm tra đường dây trên %s."},
		{"Cây xanh có nguy cơ ngã đổ tại %s", "Cây bàng lớn trước số nhà 27 %s bị mục gốc, nghiêng hẳn ra đường sau trận giông tối qua, sợ đổ trúng người đi đường.", "Đã đốn hạ cây mục và trồng thay cây mới tại %s."},
		{"Nhánh cây gãy treo trên %s", "Có một nhánh cây lớn gãy nhưng còn treo lơ lửng trên %s, ngay phía trên trạm chờ xe buýt.", "Đã cắt nhánh cây gãy và tỉa thưa tán cây dọc %s."},
		{"Đèn sáng cả ban ngày ở %s", "Toàn bộ đèn chiếu sáng công cộng ở %s sáng suốt cả ngày, rất lãng phí điện.", "Đã chỉnh lại tủ điều khiển tại %s, đèn bật và tắt theo giờ quy định."},
	},
	"thoat_nuoc_ngap": {
		{"Mất nắp cống trên %s", "Nắp cống trên %s bị mất, chỉ được che tạm bằng một tấm ván mục. Trẻ em đi học ngang qua rất nguy hiểm.", "Đã thay nắp cống bằng gang và kiểm tra các nắp cống lân cận trên %s."},
		{"Ngập nước kéo dài tại %s", "Sau mỗi trận mưa, %s ngập hơn nửa bánh xe, nước rút rất chậm, tràn vào nhà dân hai bên đường.", "Đã nạo vét hố ga và thông cống dọc %s; trong trận mưa gần nhất nước rút trong 20 phút."},
		{"Cống nghẹt bốc mùi hôi ở %s", "Cống thoát nước ở %s bị nghẹt rác, nước đen đọng lại bốc mùi hôi, muỗi rất nhiều.", "Đã hút bùn và đặt lưới chắn rác tại miệng cống trên %s."},
		{"Kênh bị lấn, nước không thoát tại %s", "Đoạn kênh sau %s bị đổ xà bần lấn gần một nửa lòng kênh, nước không thoát kịp khi triều lên.", "Đã xúc toàn bộ xà bần và cắm mốc hành lang kênh tại %s."},
	},
	"ve_sinh_moi_truong": {
		{"Bãi rác tự phát ở %s", "Đầu %s có một bãi rác tự phát, người đi đường vứt cả xác động vật, mùi hôi thối bay vào nhà dân.", "Đã thu gom khoảng ba khối rác, lắp biển cấm và trồng hoa tại bãi rác cũ ở %s."},
		{"Rác không được thu gom trên %s", "Đã bốn ngày xe rác không vào %s, rác chất đống trước cửa, chó tha vương vãi khắp nơi.", "Đơn vị vệ sinh đã thu gom và cam kết thu gom mỗi hai ngày ở %s."},
		{"Thùng rác công cộng bị hỏng tại %s", "Hai thùng rác công cộng trước công viên trên %s bị vỡ đáy, rác rơi ra vỉa hè.", "Đã thay hai thùng rác mới tại %s."},
	},
	"o_nhiem": {
		{"Nước thải chăn nuôi chảy ra rạch gần %s", "Trại heo gần %s xả nước thải thẳng ra rạch vào ban đêm, nước rạch đen và hôi, cá chết nổi nhiều.", "Đã lập biên bản, yêu cầu chủ trại gần %s xây hầm biogas; mẫu nước sau 10 ngày đạt quy chuẩn."},
		{"Khói bụi từ lò gạch ở %s", "Lò gạch ở %s nhả khói đen dày đặc từ 4 giờ sáng, người già và trẻ em trong xóm bị ho liên tục.", "Đã kiểm tra, cơ sở ở %s ngừng hoạt động để lắp thiết bị lọc bụi."},
		{"Vỏ thuốc trừ sâu vứt dọc kênh %s", "Nhiều vỏ chai thuốc bảo vệ thực vật bị vứt dọc bờ kênh %s, không có thùng chứa.", "Đã thu gom vỏ thuốc và đặt bốn bể chứa dọc %s."},
	},
	"dien": {
		{"Dây điện võng thấp ở %s", "Dây điện qua %s võng xuống thấp, xe tải chở lúa đi qua phải dùng sào nâng lên.", "Đã kéo căng lại dây và thay một trụ bê tông tại %s."},
		{"Trụ điện nghiêng tại %s", "Trụ điện trước số 14 %s nghiêng hẳn về phía nhà dân sau khi xe tải va vào.", "Đã thay trụ điện và hoàn trả vỉa hè tại %s."},
		{"Hộp điện kế hở nắp ở %s", "Hộp điện kế trên trụ ở %s bị bật nắp, dây lòi ra ngoài ngang tầm với trẻ em.", "Đã thay nắp và niêm phong hộp điện kế tại %s."},
	},
	"an_ninh_trat_tu": {
		{"Hát karaoke gây ồn ở %s", "Một quán ở %s mở loa hát karaoke đến hơn 23 giờ, cả xóm không ngủ được, đã nhắc nhiều lần nhưng không giảm.", "Đã làm việc và lập biên bản nhắc nhở chủ quán ở %s; chủ quán cam kết ngừng sau 22 giờ."},
		{"Lấn chiếm vỉa hè trên %s", "Các hàng quán trên %s bày bàn ghế hết vỉa hè, người đi bộ phải đi xuống lòng đường.", "Đã tuyên truyền và dẹp 12 điểm lấn chiếm vỉa hè trên %s."},
		{"Tụ tập chạy xe gây ồn ở %s", "Tối thứ bảy nào cũng có nhóm chạy xe nẹt pô, lạng lách trên %s, người dân rất lo.", "Lực lượng tuần tra đã lập chốt trên %s và xử lý các trường hợp vi phạm."},
	},
	"khac": {
		{"Chó thả rông tại %s", "Ở %s có nhiều chó thả rông không rọ mõm, rượt theo trẻ em đi xe đạp.", "Đã vận động các hộ nuôi chó ở %s ký cam kết và tổ chức tiêm phòng dại."},
		{"Ghế đá công viên bị hư ở %s", "Ghế đá trong công viên trên %s bị gãy chân, người già ngồi rất dễ ngã.", "Đã thay bốn ghế đá mới tại công viên trên %s."},
	},
}

var streets = []string{"đường Lê Lợi", "đường Nguyễn Đáng", "đường Phạm Hồng Thái", "hẻm 12 đường Hùng Vương", "đường Trần Phú", "ấp Tân Thành",
	"ấp Giồng Lức", "đường 30 Tháng 4", "đường Bạch Đằng", "khóm 3", "đường tỉnh 911", "ấp Phú Hòa", "đường Võ Thị Sáu", "hương lộ 5", "chợ Cồn Mây",
	"đường Nguyễn Thị Minh Khai", "ấp Long Khánh", "cầu Rạch Sương", "đường Điện Biên Phủ", "ấp Sóc Thát"}

var reporters = []string{"Nguyễn Văn An", "Trần Thị Bích", "Thạch Sô Phia", "Lê Hoàng Cường", "Phạm Thị Diệu", "Kim Sa Rây", "Huỳnh Văn Đức",
	"Võ Thị Hạnh", "Sơn Thị Ngọc", "Đỗ Minh Khang", "Bùi Thị Lệ", "Lâm Thành Long", "Ngô Thị Mỹ", "Trương Văn Nam", "Dương Thị Oanh", "Thạch Phước",
	"Đặng Quốc Bảo", "Hồ Thị Sương", "Mai Văn Tài", "Phan Thị Út"}

var handlers = []string{"Nguyễn Hữu Phước", "Lý Thị Thu", "Trần Quốc Việt", "Thạch Ngọc Minh", "Cao Văn Sang", "Đinh Thị Xuân", "Tô Văn Lợi", "Lưu Thị Yến"}

// leads are the agencies of a category; "@" is the commune's committee.
var leads = map[string][]string{
	"giao_thong": {"SXD", "@"}, "chieu_sang_cay_xanh": {"TTHTKT", "@"}, "thoat_nuoc_ngap": {"TTHTKT", "SXD"}, "ve_sinh_moi_truong": {"@"},
	"o_nhiem": {"SNNMT"}, "dien": {"DIENLUC"}, "an_ninh_trat_tu": {"CAT", "@"}, "khac": {"@"},
}

// days are what the handling of a category is given.
var days = map[string]int{"giao_thong": 3, "chieu_sang_cay_xanh": 3, "thoat_nuoc_ngap": 3, "ve_sinh_moi_truong": 3, "o_nhiem": 7, "dien": 1, "an_ninh_trat_tu": 3, "khac": 5}

// frequent is how often each category is reported, of a hundred.
var frequent = []struct {
	category string
	share    int
}{{"giao_thong", 22}, {"thoat_nuoc_ngap", 19}, {"ve_sinh_moi_truong", 17}, {"chieu_sang_cay_xanh", 15}, {"an_ninh_trat_tu", 10}, {"o_nhiem", 8}, {"dien", 6}, {"khac", 3}}

// refusals are codes with the officer's words.
var refusals = [][2]string{
	{"9.1", "Nội dung hỏi về thủ tục cấp giấy phép kinh doanh, không phải sự việc hiện trường. Ông/Bà liên hệ bộ phận Một cửa."},
	{"9.1.a", "Nội dung kiến nghị về quy định hành chính, xin gửi qua Cổng Dịch vụ công quốc gia."},
	{"9.1.b", "Nội dung là đơn khiếu nại về đất đai, xin gửi đến cơ quan có thẩm quyền giải quyết khiếu nại."},
	{"9.3", "Vị trí chưa rõ, không liên hệ được để hỏi thêm. Xin Ông/Bà gửi lại kèm hình ảnh hoặc mốc gần nhất."},
}

var progress = []string{"Đã khảo sát hiện trường, đang chuẩn bị vật tư để sửa chữa.", "Đã làm việc với đơn vị quản lý, dự kiến thi công trong hai ngày tới.",
	"Đã cử cán bộ kiểm tra và đặt rào chắn tạm thời để bảo đảm an toàn."}
