package atr

import (
	"fmt"
	"strings"
)

// group is one set of interface bytes, TAi to TDi.
type group struct {
	i        int
	protocol byte // that TD(i-1) names
	first    bool // for i over 2: TD(i-1) names its protocol for the first time
}

// clock is a column of the table of Fi (ISO/IEC 7816-3:2006, 8.3, table 7): the conversion factor,
// 0 if reserved, and the highest frequency in tenths of MHz.
type clock struct{ f, tenths int }

func clocks() [16]clock {
	return [16]clock{
		{372, 40},
		{372, 50},
		{558, 60},
		{744, 80},
		{1116, 120},
		{1488, 160},
		{1860, 200},
		{},
		{},
		{512, 50},
		{768, 75},
		{1024, 100},
		{1536, 150},
		{2048, 200},
		{},
		{},
	}
}

// adjustments returns Di, the baud rate adjustment integer, 0 if reserved (table 8).
func adjustments() [16]int {
	return [16]int{0, 1, 2, 4, 8, 16, 32, 64, 12, 20}
}

const reserved = "reserved for future use"

// ta says what TAi means.
func (g group) ta(v byte) string {
	switch {
	case g.i == 1:
		return speed(v)
	case g.i == 2:
		return specificMode(v)
	case g.protocol == 15:
		return clockStopAndClass(v)
	case g.protocol == 1 && g.first:
		if v == 0 || v == 0xFF {
			return "size of information fields: " + reserved
		}
		return fmt.Sprintf("information fields of at most %d bytes", v)
	default:
		return specific(g.protocol)
	}
}

// speed is TA1: the parameters Fi and Di, and the highest frequency.
func speed(v byte) string {
	c, d := clocks()[v>>4], adjustments()[v&0x0F]
	if c.f == 0 || d == 0 {
		return "speed: " + reserved
	}
	return fmt.Sprintf("Fi=%d, Di=%d: %d clock cycles a bit, at most %d.%d MHz", c.f, d, c.f/d,
		c.tenths/10, c.tenths%10)
}

// specificMode is TA2 (8.3).
func specificMode(v byte) string {
	text := fmt.Sprintf("specific mode, T=%d", v&0x0F)
	if v&0x80 != 0 {
		text += ", can't change to negotiable mode"
	} else {
		text += ", can change to negotiable mode"
	}
	if v&0x10 != 0 {
		return text + ", speed fixed by other means"
	}
	return text + ", speed as TA1 says"
}

// clockStopAndClass is the first TA for T=15 (8.3).
func clockStopAndClass(v byte) string {
	stop := [4]string{
		"clock can't be stopped", "clock can be stopped low", "clock can be stopped high",
		"clock can be stopped either way",
	}[v>>6]
	var classes []string
	for bit, name := range [3]string{"A (5 V)", "B (3 V)", "C (1.8 V)"} {
		if v&(1<<bit) != 0 {
			classes = append(classes, name)
		}
	}
	if v&0x38 != 0 || len(classes) == 0 {
		return stop + "; voltage class: " + reserved
	}
	return stop + "; voltage class " + strings.Join(classes, ", ")
}

// tb says what TBi means.
func (g group) tb(v byte) string {
	switch {
	case g.i <= 2:
		return "programming voltage, deprecated; to be ignored"
	case g.protocol == 15 && v == 0:
		return "contact C6 isn't used"
	case g.protocol == 15 && v&0x80 != 0:
		return "contact C6: proprietary use"
	case g.protocol == 15:
		return "contact C6: standard use"
	case g.protocol == 1 && g.first:
		return fmt.Sprintf("T=1 waiting times: BWI=%d, CWI=%d", v>>4, v&0x0F)
	default:
		return specific(g.protocol)
	}
}

// tc says what TCi means.
func (g group) tc(v byte) string {
	switch {
	case g.i == 1 && v == 0xFF:
		return "extra guard time: least (N=255)"
	case g.i == 1:
		return fmt.Sprintf("extra guard time N=%d", v)
	case g.i == 2 && v == 0:
		return "T=0 waiting time: " + reserved
	case g.i == 2:
		return fmt.Sprintf("T=0 waiting time integer WI=%d", v)
	case g.protocol == 1 && g.first && v&0x01 != 0:
		return "T=1 blocks end in a CRC"
	case g.protocol == 1 && g.first:
		return "T=1 blocks end in an LRC"
	default:
		return specific(g.protocol)
	}
}

// specific is a byte that only a protocol's own specification explains.
func specific(protocol byte) string { return fmt.Sprintf("specific to T=%d", protocol) }
