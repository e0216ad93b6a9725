package contract

import "net/http"

// Accounts and sessions, served by account.
var (
	RegisterAccount = define[RegisterInput, AccountOutput](Meta{
		ID: "register-account", Function: "account", Method: http.MethodPost, Path: "/v1/accounts",
		Access: Anyone, Key: true, Status: http.StatusCreated,
	}, "Register a reporter account (R14)", http.StatusConflict, http.StatusTooManyRequests)
	VerifyEmail = define[VerifyInput, EmptyOutput](Meta{
		ID: "verify-email", Function: "account", Method: http.MethodPost, Path: "/v1/accounts/verification",
		Access: Anyone, Status: http.StatusNoContent,
	}, "Prove an e-mail address with the code that was sent to it", http.StatusTooManyRequests)
	RequestVerification = define[LoginNameInput, EmptyOutput](Meta{
		ID: "request-verification", Function: "account", Method: http.MethodPost, Path: "/v1/accounts/verification-request",
		Access: Anyone, Status: http.StatusNoContent,
	}, "Ask for a new code; the answer tells nothing of whether the account exists", http.StatusTooManyRequests)
	ActivateOfficer = define[ActivateInput, EmptyOutput](Meta{
		ID: "activate-officer", Function: "account", Method: http.MethodPost, Path: "/v1/officers/activation",
		Access: Anyone, Status: http.StatusNoContent,
	}, "Set the first password of an officer account with the code that was sent", http.StatusTooManyRequests)
	LogIn = define[LogInInput, SessionOutput](Meta{
		ID: "log-in", Function: "account", Method: http.MethodPost, Path: "/v1/sessions",
		Access: Anyone, Status: http.StatusCreated,
	}, "Log in", http.StatusUnauthorized, http.StatusTooManyRequests)
	ListSessions = define[struct{}, SessionsOutput](Meta{
		ID: "list-sessions", Function: "account", Method: http.MethodGet, Path: "/v1/sessions",
		Access: Signed,
	}, "The account's sessions")
	LogOut = define[struct{}, LogOutOutput](Meta{
		ID: "log-out", Function: "account", Method: http.MethodDelete, Path: "/v1/sessions/current",
		Access: Signed, Status: http.StatusNoContent,
	}, "End this session")
	EndSession = define[EndSessionInput, EmptyOutput](Meta{
		ID: "end-session", Function: "account", Method: http.MethodDelete, Path: "/v1/sessions/{session}",
		Access: Signed, Status: http.StatusNoContent,
	}, "End one session", http.StatusNotFound)
	EndSessions = define[struct{}, LogOutOutput](Meta{
		ID: "end-sessions", Function: "account", Method: http.MethodDelete, Path: "/v1/sessions",
		Access: Signed, Status: http.StatusNoContent,
	}, "End every session of the account (R27)")
	ReadAccount = define[struct{}, AccountOutput](Meta{
		ID: "read-account", Function: "account", Method: http.MethodGet, Path: "/v1/account",
		Access: Signed,
	}, "The account itself")
)

// EmptyOutput answers without a body.
type EmptyOutput struct{}

// RegisterInput registers a reporter account.
type RegisterInput struct {
	Keyed
	Body struct {
		Kind     string `json:"kind" enum:"individual,organisation"`
		Name     string `json:"name" minLength:"2" maxLength:"120"`
		LogIn    string `json:"logIn" minLength:"3" maxLength:"64" pattern:"^[a-z0-9][a-z0-9._@+-]*$" doc:"Log-in name."`
		Password string `json:"password" minLength:"10" maxLength:"128"`
		Email    string `json:"email" format:"email" maxLength:"200"`
		Phone    string `json:"phone,omitempty" pattern:"^(\\+84|0)[0-9]{9,10}$"`
		Language string `json:"language,omitempty" enum:"vi,en"`
	}
}

// Account is an account as its owner sees it.
type Account struct {
	ID       string   `json:"id"`
	Kind     string   `json:"kind" doc:"individual, organisation or officer"`
	Name     string   `json:"name"`
	LogIn    string   `json:"logIn"`
	Email    string   `json:"email,omitempty"`
	Phone    string   `json:"phone,omitempty"`
	Verified bool     `json:"verified" doc:"The e-mail address is proven."`
	Language string   `json:"language"`
	Agency   string   `json:"agency,omitempty"`
	Roles    []string `json:"roles,omitempty"`
	Rights   []string `json:"rights,omitempty"`
	Locked   bool     `json:"locked,omitempty"`
	Reason   string   `json:"lockReason,omitempty" doc:"wrong_passwords, inactivity, request or duty_ended"`
}

// AccountOutput is one account.
type AccountOutput struct{ Body Account }

// VerifyInput proves an e-mail address.
type VerifyInput struct {
	Body struct {
		LogIn string `json:"logIn" minLength:"3" maxLength:"64"`
		Code  string `json:"code" minLength:"6" maxLength:"40"`
	}
}

// LoginNameInput names an account.
type LoginNameInput struct {
	Body struct {
		LogIn string `json:"logIn" minLength:"3" maxLength:"64"`
	}
}

// ActivateInput sets an officer's first password.
type ActivateInput struct {
	Body struct {
		LogIn    string `json:"logIn" minLength:"3" maxLength:"64"`
		Code     string `json:"code" minLength:"6" maxLength:"40"`
		Password string `json:"password" minLength:"10" maxLength:"128"`
	}
}

// LogInInput opens a session.
type LogInInput struct {
	Body struct {
		LogIn    string `json:"logIn" minLength:"1" maxLength:"64"`
		Password string `json:"password" minLength:"1" maxLength:"128"`
		Device   string `json:"device,omitempty" maxLength:"100" doc:"What the owner will know the session by."`
	}
}

// Session is one session; Token is given once, at log-in.
type Session struct {
	ID      string   `json:"id"`
	Token   string   `json:"token,omitempty" doc:"For Authorization: Bearer."`
	Device  string   `json:"device,omitempty"`
	Created Time     `json:"created"`
	Expires Time     `json:"expires"`
	Current bool     `json:"current,omitempty"`
	Account *Account `json:"account,omitempty"`
}

// SessionOutput answers a log-in, with the cookie for the web.
type SessionOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      Session
}

// LogOutOutput takes the cookie back.
type LogOutOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

// SessionsOutput lists sessions.
type SessionsOutput struct {
	Body struct {
		Sessions []Session `json:"sessions"`
	}
}

// EndSessionInput names a session.
type EndSessionInput struct {
	Session string `path:"session" maxLength:"80"`
}
