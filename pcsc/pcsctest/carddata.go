package pcsctest

import (
	"bytes"
	"encoding/binary"

	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// pattern returns n bytes 00 01 02 …
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i & 0xFF)
	}
	return b
}

// waitingSW returns 61xx for n bytes that wait, or 9000 for none.
func waitingSW(n int) apdu.SW {
	switch {
	case n == 0:
		return apdu.SWNormal
	case n > 255:
		return 0x6100
	default:
		return 0x6100 | apdu.SW(n&0xFF)
	}
}

// selectByName answers an FCI with nothing but the name in it.
func selectByName(c apdu.Command) []byte {
	switch {
	case c.P1 != 0x04 || c.P2 != 0x00:
		return status(apdu.SWIncorrectP1P2)
	case !bytes.Equal(c.Data, AID()):
		return status(apdu.SWFileNotFound)
	default:
		return normal(tlv.Append(nil, 0x6F, tlv.Append(nil, 0x84, AID())))
	}
}

// getResponse hands out what waits.
func (c *Card) getResponse(command apdu.Command) []byte {
	switch {
	case command.P1 != 0 || command.P2 != 0:
		return status(apdu.SWIncorrectP1P2)
	case len(command.Data) > 0 || command.Ne == 0:
		return status(apdu.SWWrongLength)
	case c.endless > 0:
		return apdu.Response{Data: make([]byte, c.endless), SW: 0x6100}.Encode()
	case len(c.waiting) == 0:
		return status(apdu.SWConditionsNotSatisfied)
	case command.Ne > len(c.waiting):
		return status(0x6C00 | apdu.SW(len(c.waiting)&0xFF))
	default:
		return c.hand(command.Ne)
	}
}

// hand answers the first n bytes of what waits.
func (c *Card) hand(n int) []byte {
	data := c.waiting[:n]
	c.waiting = c.waiting[n:]
	return apdu.Response{Data: data, SW: waitingSW(len(c.waiting))}.Encode()
}

// echo answers the command's data.
func (c *Card) echo(command apdu.Command) []byte {
	switch {
	case command.P1 != 0 || command.P2 != 0:
		return status(apdu.SWIncorrectP1P2)
	case len(command.Data) == 0:
		return status(apdu.SWWrongLength)
	}
	c.waiting = command.Data
	return c.hand(min(command.Ne, len(c.waiting)))
}

// exact answers n bytes to a command with that Ne and no other.
func exact(command apdu.Command, n int) []byte {
	switch {
	case n < 1 || n > apdu.MaxShortNe:
		return status(apdu.SWIncorrectP1P2)
	case len(command.Data) > 0:
		return status(apdu.SWWrongLength)
	case command.Ne != n:
		return status(0x6C00 | apdu.SW(n&0xFF))
	default:
		return normal(pattern(n))
	}
}

// announce answers 61xx and leaves the data to GET RESPONSE.
func (c *Card) announce(command apdu.Command, n int) []byte {
	switch {
	case n == 0:
		return status(apdu.SWIncorrectP1P2)
	case len(command.Data) > 0:
		return status(apdu.SWWrongLength)
	case command.INS == InsEndless:
		c.endless = n
		return status(0x6100)
	default:
		c.waiting = pattern(n)
		return c.hand(0)
	}
}

// count reads and changes the counters.
func (c *Card) count(command apdu.Command) []byte {
	switch {
	case command.P1 > 2 || command.P2 != 0:
		return status(apdu.SWIncorrectP1P2)
	case len(command.Data) > 0:
		return status(apdu.SWWrongLength)
	}
	switch command.P1 {
	case 1:
		if !c.write(c.persistent + 1) {
			return nil
		}
		c.volatile++
	case 2:
		if !c.write(0) {
			return nil
		}
	}
	answer := binary.BigEndian.AppendUint16(nil, c.volatile)
	return normal(binary.BigEndian.AppendUint16(answer, c.persistent))
}

// write sets the persistent counter, unless the power fails at this write.
func (c *Card) write(value uint16) bool {
	if c.tear == 1 {
		c.tear, c.powered = 0, false
		c.forget()
		return false
	}
	c.tear = max(0, c.tear-1)
	c.persistent = value
	return true
}

// wait lets go of the card until it is released.
func (c *Card) wait() []byte {
	gate := make(chan struct{})
	c.gate = gate
	select {
	case <-c.arrived: // nobody looked for the one before
	default:
	}
	c.arrived <- struct{}{}
	c.mu.Unlock()
	<-gate
	c.mu.Lock()
	return status(apdu.SWNormal)
}
