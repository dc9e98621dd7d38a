package emv_test

import (
	"errors"
	"testing"
	"time"

	"tapbench/applet/emv"
)

func TestCardDatesFrom50AreOfTheLastCentury(t *testing.T) {
	for _, bad := range [][3]byte{{0x2A, 0x01, 0x01}, {0x26, 0x13, 0x01}, {0x50, 0x02, 0x30}} {
		if day, err := emv.ParseCardDate(bad); !errors.Is(err, emv.ErrNumber) {
			t.Errorf("% X: %s, %v", bad, day, err)
		}
	}
	for want, date := range map[string][3]byte{
		"2049-12-31": {0x49, 0x12, 0x31},
		"1950-01-01": {0x50, 0x01, 0x01},
		"1996-02-29": {0x96, 0x02, 0x29},
		"2000-02-29": {0x00, 0x02, 0x29},
	} {
		day, err := emv.ParseCardDate(date)
		if err != nil || day.Format(time.DateOnly) != want {
			t.Errorf("% X: %s, %v, want %s", date, day, err, want)
		}
	}
}
