// Every page of the system: its address, the module that draws it, and its title
// before the module has run. The build makes <path>/index.html of each.

export interface Page {
  path: string; // without slashes at its ends; "" is the start page
  entry: string; // src/pages/<entry>.tsx
  title: string; // Vietnamese; the module sets the reader's own language
  file?: string; // another file name than <path>/index.html
  desk?: boolean; // an officers' page: its style sheet comes along
}

export const pages: Page[] = [
  { path: "", entry: "start", title: "Phản ánh hiện trường" },
  { path: "dang-ky", entry: "register", title: "Đăng ký tài khoản" },
  { path: "xac-minh", entry: "verify", title: "Xác minh thư điện tử" },
  { path: "dang-nhap", entry: "log-in", title: "Đăng nhập" },
  { path: "kich-hoat", entry: "activate", title: "Kích hoạt tài khoản cán bộ" },
  { path: "tai-khoan", entry: "account", title: "Tài khoản" },
  { path: "gui-phan-anh", entry: "send", title: "Gửi phản ánh" },
  { path: "phan-anh-cua-toi", entry: "mine", title: "Phản ánh của tôi" },
  { path: "phan-anh", entry: "own-report", title: "Phản ánh" },
  { path: "hop-thu", entry: "inbox", title: "Hộp thư" },
  { path: "tra-cuu", entry: "track", title: "Tra cứu phản ánh" },
  { path: "cong-khai", entry: "published", title: "Kết quả đã công khai" },
  { path: "cong-khai/phan-anh", entry: "published-item", title: "Kết quả đã công khai" },
  { path: "huong-dan", entry: "guide", title: "Hướng dẫn" },
  { path: "can-bo", entry: "queue", title: "Việc cần làm", desk: true },
  { path: "can-bo/phan-anh", entry: "report", title: "Phản ánh", desk: true },
  { path: "quan-tri", entry: "officers", title: "Tài khoản cán bộ", desk: true },
  { path: "quan-tri/thiet-lap", entry: "settings", title: "Thiết lập", desk: true },
  { path: "404", entry: "missing", title: "Không có trang này", file: "404.html" },
];
