package seed

import "time"

var zone = time.FixedZone("+07:00", 7*3600)

// sessions are the office's, as people keep them; the system counts by its
// own calendar.
var sessions = [][2]time.Duration{{7*time.Hour + 15*time.Minute, 11 * time.Hour}, {13 * time.Hour, 17 * time.Hour}}

// working adds working time to an instant, from Monday to Friday.
func working(from time.Time, d time.Duration) time.Time {
	for {
		local := from.In(zone)
		day := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, zone)
		if wd := local.Weekday(); wd != time.Saturday && wd != time.Sunday {
			for _, s := range sessions {
				begin, end := day.Add(s[0]), day.Add(s[1])
				if !from.Before(end) {
					continue
				}
				if from.Before(begin) {
					from = begin
				}
				if left := end.Sub(from); d <= left {
					return from.Add(d)
				} else {
					d -= left
				}
				from = end
			}
		}
		from = day.Add(24 * time.Hour)
	}
}

// officeDay is the working time of a day.
const officeDay = 7*time.Hour + 45*time.Minute

// daytime moves an instant of the night to the day after it.
func (w *world) daytime(at time.Time) time.Time {
	local := at.In(zone)
	if local.Hour() >= 6 && local.Hour() < 22 {
		return at
	}
	return at.Add(time.Duration((30-local.Hour())%24)*time.Hour + w.between(0, 3*time.Hour))
}

func (w *world) between(least, most time.Duration) time.Duration {
	return least + time.Duration(w.random.Int64N(int64(most-least)+1))
}

// chance is true so often in a hundred.
func (w *world) chance(percent int) bool { return w.random.IntN(100) < percent }
