package contract

import (
	"encoding/json"
	"net/http"
)

// The department's acts, served by admin.
var (
	ReadSettings = define[SettingsInput, SettingsOutput](Meta{
		ID: "read-settings", Function: "admin", Method: http.MethodGet, Path: "/v1/admin/settings/{kind}",
		Access: With(RightSettings),
	}, "A settings document and its version", http.StatusNotFound)
	StoreSettings = define[StoreSettingsInput, StoredSettingsOutput](Meta{
		ID: "store-settings", Function: "admin", Method: http.MethodPut, Path: "/v1/admin/settings/{kind}",
		Access: With(RightSettings), Key: true, Match: true,
	}, "Store a settings document, or see what it would change")
	CreateOfficer = define[CreateOfficerInput, AccountOutput](Meta{
		ID: "create-officer", Function: "admin", Method: http.MethodPost, Path: "/v1/admin/officers",
		Access: With(RightOfficers), Key: true, Status: http.StatusCreated,
	}, "Create an officer's account with agency and roles (R40)", http.StatusConflict)
	ListOfficers = define[OfficersInput, OfficersOutput](Meta{
		ID: "list-officers", Function: "admin", Method: http.MethodGet, Path: "/v1/admin/officers",
		Access: With(RightOfficers),
	}, "The officers of an agency")
	ChangeOfficer = define[ChangeOfficerInput, AccountOutput](Meta{
		ID: "change-officer", Function: "admin", Method: http.MethodPatch, Path: "/v1/admin/officers/{account}",
		Access: With(RightOfficers), Key: true,
	}, "Change an officer's agency or roles, or lock the account when the duty ends (R38)", http.StatusNotFound, http.StatusConflict)
	UnlockAccount = define[UnlockInput, AccountOutput](Meta{
		ID: "unlock-account", Function: "admin", Method: http.MethodPost, Path: "/v1/admin/accounts/{account}/unlock",
		Access: With(RightUnlock), Key: true,
	}, "Unlock an account on its owner's recorded request (R31, R39)", http.StatusNotFound, http.StatusConflict)
)

// SettingsKinds are the kinds of settings documents.
const SettingsKinds = "agencies,units,categories,boundary,calendar,policies,texts,roots,certificates,roles,refusals,words"

// SettingsInput names a settings document.
type SettingsInput struct {
	Kind string `path:"kind" enum:"agencies,units,categories,boundary,calendar,policies,texts,roots,certificates,roles,refusals,words"`
}

// SettingsOutput is a settings document.
type SettingsOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		Kind     string          `json:"kind"`
		Version  int             `json:"version" doc:"0 for what the product ships."`
		SHA256   string          `json:"sha256"`
		Document json.RawMessage `json:"document"`
	}
}

// StoreSettingsInput stores a settings document.
type StoreSettingsInput struct {
	Matched
	SettingsInput
	DryRun bool `query:"dryRun" doc:"Only show what would change."`
	Body   struct {
		Document json.RawMessage `json:"document"`
	}
}

// Difference is one entry that a new document changes.
type Difference struct {
	Key  string `json:"key"`
	Kind string `json:"kind" doc:"added, removed or changed"`
}

// StoredSettingsOutput says what was, or would be, stored.
type StoredSettingsOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		Kind        string       `json:"kind"`
		Version     int          `json:"version"`
		SHA256      string       `json:"sha256"`
		Stored      bool         `json:"stored"`
		Differences []Difference `json:"differences" doc:"The first 1,000."`
		More        int          `json:"more,omitempty" doc:"How many further differences there are."`
	}
}

// CreateOfficerInput creates an officer's account.
type CreateOfficerInput struct {
	Keyed
	Body struct {
		Name     string   `json:"name" minLength:"2" maxLength:"120"`
		LogIn    string   `json:"logIn" minLength:"3" maxLength:"64" pattern:"^[a-z0-9][a-z0-9._@+-]*$"`
		Email    string   `json:"email" format:"email" maxLength:"200" doc:"The work address; the activation code goes there."`
		Agency   string   `json:"agency" minLength:"1" maxLength:"40"`
		Roles    []string `json:"roles" minItems:"1" maxItems:"10"`
		Language string   `json:"language,omitempty" enum:"vi,en"`
	}
}

// OfficersInput asks for a page of an agency's officers.
type OfficersInput struct {
	PageInput
	Agency string `query:"agency" required:"true" maxLength:"40"`
}

// OfficersOutput is a page of officers.
type OfficersOutput struct {
	Body struct {
		Officers []Account `json:"officers"`
		Next     string    `json:"next,omitempty"`
	}
}

// ChangeOfficerInput changes an officer's account.
type ChangeOfficerInput struct {
	Keyed
	Account string `path:"account" maxLength:"40"`
	Body    struct {
		Agency    string   `json:"agency,omitempty" maxLength:"40"`
		Roles     []string `json:"roles,omitempty" maxItems:"10"`
		DutyEnded bool     `json:"dutyEnded,omitempty" doc:"Locks the account and ends its sessions (R38)."`
		Reason    string   `json:"reason" minLength:"5" maxLength:"500"`
	}
}

// UnlockInput unlocks an account.
type UnlockInput struct {
	Keyed
	Account string `path:"account" maxLength:"40"`
	Body    struct {
		Request string `json:"request" minLength:"5" maxLength:"500" doc:"The recorded request of the owner."`
	}
}
