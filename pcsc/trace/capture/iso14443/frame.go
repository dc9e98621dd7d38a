package iso14443

// request is what a frame to the card asks for; it tells what the answer is.
type request byte

const (
	requestOther request = iota
	requestREQA          // REQA or WUPA; the answer is ATQA
	requestUID           // anticollision; the answer is a UID part with BCC
	requestSELECT
	requestHLTA
	requestRATS
	requestPPS
	requestREQB // REQB or WUPB; the answer is ATQB
	requestATTRIB
	requestBlock
)

// The first bytes of frames to the card (ISO/IEC 14443-3:2018, clauses 6 and 7; ISO/IEC
// 14443-4:2018, 5.1 and 5.3).
const (
	codeREQA   = 0x26
	codeWUPA   = 0x52
	codeSEL1   = 0x93
	codeSEL2   = 0x95
	codeSEL3   = 0x97
	codeHLTA   = 0x50
	codeRATS   = 0xE0
	codePPS    = 0xD0
	codeREQB   = 0x05
	codeATTRIB = 0x1D
	codeATQB   = 0x50
	nvbAll     = 0x70
)

// bare reports whether a frame to the card never has a CRC: a short frame of seven bits, or an
// anticollision whose NVB says that not all of the UID is sent.
func bare(frame []byte) bool {
	switch {
	case len(frame) == 1:
		return frame[0] == codeREQA || frame[0] == codeWUPA
	case len(frame) < 2:
		return false
	default:
		return selects(frame[0]) && frame[1] != nvbAll
	}
}

func selects(code byte) bool {
	return code == codeSEL1 || code == codeSEL2 || code == codeSEL3
}

// requestOf returns what a frame to the card, without its CRC, asks for.
func requestOf(frame []byte) request {
	if len(frame) == 0 {
		return requestOther
	}
	if kindOf(frame[0]) != notABlock {
		return requestBlock
	}
	switch len(frame) {
	case 1:
		return requestOfOne(frame[0])
	case 2:
		return requestOfTwo(frame[0], frame[1])
	default:
		return requestOfMore(frame)
	}
}

func requestOfOne(code byte) request {
	if code == codeREQA || code == codeWUPA {
		return requestREQA
	}
	return requestOther
}

func requestOfTwo(code, parameter byte) request {
	switch {
	case code == codeHLTA:
		return requestHLTA
	case code == codeRATS:
		return requestRATS
	case code&0xF0 == codePPS:
		return requestPPS
	case selects(code) && parameter != nvbAll:
		return requestUID
	default:
		return requestOther
	}
}

func requestOfMore(frame []byte) request {
	switch code := frame[0]; {
	case selects(code) && frame[1] == nvbAll:
		return requestSELECT
	case selects(code):
		return requestUID
	case code&0xF0 == codePPS:
		return requestPPS
	case code == codeREQB && len(frame) == 3:
		return requestREQB
	case code == codeATTRIB && len(frame) >= 9:
		return requestATTRIB
	default:
		return requestOther
	}
}
