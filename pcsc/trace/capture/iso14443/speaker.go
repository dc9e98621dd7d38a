package iso14443

// The card that a [Speaker] speaks for: type A, a UID of four bytes of which the first says that it
// was drawn at random (ISO/IEC 14443-3:2018, 6.5.4), frames of 256 bytes both ways.
const (
	maxInf = 256 - 1 - crcLen // FSD and FSC without PCB and CRC
	fsdi   = 0x80             // FSD 256, CID 0
	atsT0  = atsTA | atsTB | atsTC | 0x08
	atsTA1 = 0x80 // 106 kbit/s both ways
	atsTB1 = 0x80 // FWI 8, SFGI 0
	atsTC1 = 0x00 // neither CID nor NAD
	sak    = 0x20 // UID complete, ISO/IEC 14443-4
)

// Speaker writes the packets of a plausible conversation. The zero value with Emit is ready.
type Speaker struct {
	// Emit takes each packet; Frame is valid until it returns.
	Emit func(Packet) error
	// Hist are the card's historical bytes, at most 15.
	Hist []byte

	number byte // of the reader's next block, 0 or 1
	buffer []byte
	err    error
}

// Seek says that a card is looked for and none answers.
func (s *Speaker) Seek() error {
	s.send(ToCard, codeREQA)
	return s.fault()
}

// Activate says how a card is found and selected.
func (s *Speaker) Activate() error {
	uid := []byte{0x08, 0x54, 0x42, 0x01}
	uid = append(uid, uid[0]^uid[1]^uid[2]^uid[3])
	s.send(ToCard, codeREQA)
	s.send(FromCard, 0x04, 0x00)
	s.send(ToCard, codeSEL1, 0x20)
	s.send(FromCard, uid...)
	s.sum(ToCard, append([]byte{codeSEL1, nvbAll}, uid...)...)
	s.sum(FromCard, sak)
	s.sum(ToCard, codeRATS, fsdi)
	hist := s.Hist[:min(len(s.Hist), maxHist)]
	ats := append([]byte{0, atsT0, atsTA1, atsTB1, atsTC1}, hist...)
	ats[0] = byte(len(ats) & 0xFF)
	s.sum(FromCard, ats...)
	s.number = 0
	return s.fault()
}

// Field says that the field went on or off.
func (s *Speaker) Field(on bool) error {
	event := FieldOff
	if on {
		event = FieldOn
	}
	s.send(event)
	return s.fault()
}

// Command says a command, in as many blocks as it needs.
func (s *Speaker) Command(command []byte) error {
	s.chain(ToCard, FromCard, command)
	return s.fault()
}

// Answer says the answer to the command before.
func (s *Speaker) Answer(answer []byte) error {
	s.chain(FromCard, ToCard, answer)
	s.number ^= 1
	return s.fault()
}

// Unanswered says that the answer to the command before doesn't come. The reader's number goes on
// nevertheless, so that the next command isn't taken for this one sent again.
func (s *Speaker) Unanswered() error {
	s.number ^= 1
	return s.fault()
}

// chain sends b in I-blocks; who hears them acknowledges each but the last. The reader's number
// goes on with each block that it has had answered, and the card's follows it (ISO/IEC
// 14443-4:2018, 7.5).
func (s *Speaker) chain(from, to Event, b []byte) {
	for {
		inf := b[:min(len(b), maxInf)]
		b = b[len(inf):]
		pcb := pcbI | s.number
		if len(b) > 0 {
			pcb |= pcbMore
		}
		s.block(from, pcb, inf)
		if len(b) == 0 {
			return
		}
		if to == ToCard { // the reader asks for more with its next number
			s.number ^= 1
		}
		s.sum(to, pcbACK|s.number)
		if to == FromCard {
			s.number ^= 1
		}
	}
}

func (s *Speaker) block(event Event, pcb byte, inf []byte) {
	s.buffer = append(append(s.buffer[:0], pcb), inf...)
	s.sum(event, s.buffer...)
}

// sum sends a frame with its CRC.
func (s *Speaker) sum(event Event, frame ...byte) {
	sum := CRCA(frame)
	s.send(event, append(frame[:len(frame):len(frame)], byte(sum&0xFF), byte(sum>>8))...)
}

func (s *Speaker) send(event Event, frame ...byte) {
	if s.err == nil {
		s.err = s.Emit(Packet{Event: event, Frame: frame})
	}
}

// fault returns the error that ended the speaking, if one did.
func (s *Speaker) fault() error { return s.err }
