package settings

import (
	"time"

	"paht/shared/report"
	"paht/shared/screening"
)

// policyRules are the policies by name, with the values that they may take. A
// limit of the decision may be made shorter or longer by the province's written
// reading; the bounds only keep out what cannot be meant.
var policyRules = map[string]policyRule{
	"screening_minutes":    whole(1, 2400, 1, func(p *Policy) *int { return &p.ScreeningMinutes }),
	"transfer_minutes":     whole(1, 2400, 1, func(p *Policy) *int { return &p.TransferMinutes }),
	"return_minutes":       whole(1, 2400, 1, func(p *Policy) *int { return &p.ReturnMinutes }),
	"result_minutes":       whole(1, 2400, 1, func(p *Policy) *int { return &p.ResultMinutes }),
	"publication_minutes":  whole(1, 2400, 1, func(p *Policy) *int { return &p.PublicationMinutes }),
	"redistribute_minutes": whole(1, 2400, 1, func(p *Policy) *int { return &p.RedistributeMinutes }),
	"hour_unit":            word(func(p *Policy) *report.Unit { return &p.HourUnit }, report.ClockTime, report.WorkingTime),

	"default_handling_days":        whole(1, 366, 1, func(p *Policy) *int { return &p.DefaultHandlingDays }),
	"max_assignments_per_transfer": whole(1, 10, 1, func(p *Policy) *int { return &p.MaxAssignmentsPerTransfer }),
	"transfers_before_notice":      whole(1, 100, 1, func(p *Policy) *int { return &p.TransfersBeforeNotice }),
	"progress_notice_days":         whole(1, 60, 1, func(p *Policy) *int { return &p.ProgressNoticeDays }),
	"progress_repeat_days":         whole(1, 60, 1, func(p *Policy) *int { return &p.ProgressRepeatDays }),

	// SQS delays a message by 15 minutes at most.
	// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
	"notice_delay_seconds":        whole(0, 900, time.Second, func(p *Policy) *time.Duration { return &p.NoticeDelay }),
	"supplement_pauses_screening": only(false, func(p *Policy) *bool { return &p.SupplementPausesScreening }),
	"rating_days":                 whole(1, 366, 1, func(p *Policy) *int { return &p.RatingDays }),
	"rework_days":                 whole(1, 366, 1, func(p *Policy) *int { return &p.ReworkDays }),

	"text_min":        whole(1, 200, 1, func(p *Policy) *int { return &p.TextMin }),
	"text_max":        whole(100, 10000, 1, func(p *Policy) *int { return &p.TextMax }),
	"max_files":       whole(0, 30, 1, func(p *Policy) *int { return &p.MaxFiles }),
	"max_photo_bytes": whole(100<<10, 50<<20, 1, func(p *Policy) *int64 { return &p.MaxPhotoBytes }),
	"max_pixels":      whole(1_000_000, 120_000_000, 1, func(p *Policy) *int { return &p.MaxPixels }),

	"signature_tolerance_seconds": whole(0, 3600, time.Second, func(p *Policy) *time.Duration { return &p.SignatureTolerance }),
	"require_person_signature":    flag(func(p *Policy) *bool { return &p.RequirePersonSignature }),
	"allow_validation_data":       flag(func(p *Policy) *bool { return &p.AllowValidationData }),

	"result_retention_years": whole(1, 100, 1, func(p *Policy) *int { return &p.ResultRetentionYears }),
	"result_retention_mode":  word(func(p *Policy) *string { return &p.ResultRetentionMode }, RetainGovernance, RetainCompliance),

	"near_metres": perCategory(1, screening.MaxMetres, func(p *Policy) *PerCategory { return &p.NearMetres }),
	"near_days":   perCategory(1, screening.MaxDays, func(p *Policy) *PerCategory { return &p.NearDays }),

	"public_name_consent": flag(func(p *Policy) *bool { return &p.PublicNameConsent }),
	"open_reports_public": word(func(p *Policy) *string { return &p.OpenReportsPublic }, PublicCounts, PublicStatus),

	// No session lives longer than 180 days, else using one would hide that
	// nobody logged in for a year (reading A10).
	"session_days":               whole(1, 180, 1, func(p *Policy) *int { return &p.SessionDays }),
	"wrong_passwords":            whole(3, 10, 1, func(p *Policy) *int { return &p.WrongPasswords }),
	"inactivity_years":           whole(1, 1, 1, func(p *Policy) *int { return &p.InactivityYears }),
	"inactivity_ends_on_workday": flag(func(p *Policy) *bool { return &p.InactivityEndsOnWorkday }),
	"verification_hours":         whole(1, 168, 1, func(p *Policy) *int { return &p.VerificationHours }),
	"activation_hours":           whole(1, 720, 1, func(p *Policy) *int { return &p.ActivationHours }),
}
