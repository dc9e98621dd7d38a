package tapbench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.licel.jcardsim.smartcardio.CardSimulator;
import com.licel.jcardsim.utils.AIDUtil;
import java.util.HexFormat;
import javacard.framework.AID;
import javax.smartcardio.CommandAPDU;
import javax.smartcardio.ResponseAPDU;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The first commands of the management application, negative cases first. */
class AppletTest {
    private CardSimulator card;

    @BeforeEach
    void install() {
        card = new CardSimulator();
        AID aid = AIDUtil.create(Wire.AID_MANAGEMENT);
        card.installApplet(aid, SecureElementApplet.class);
        card.selectApplet(aid);
    }

    private ResponseAPDU send(int cla, int ins, int tag) {
        return card.transmitCommand(new CommandAPDU(cla, ins, tag >> 8, tag & 0xFF, 256));
    }

    private static int sw(short value) {
        return value & 0xFFFF;
    }

    @Test
    void refusesAnotherClass() {
        assertEquals(sw(Wire.SW_CLASS_NOT_SUPPORTED), send(0xA0, 0xCA, 0xDF01).getSW());
    }

    @Test
    void refusesAnotherInstruction() {
        assertEquals(sw(Wire.SW_INSTRUCTION_NOT_SUPPORTED), send(0x00, 0x7E, 0).getSW());
        assertEquals(sw(Wire.SW_INSTRUCTION_NOT_SUPPORTED), send(0x80, 0xCA, 0xDF01).getSW());
    }

    @Test
    void refusesAnotherTag() {
        assertEquals(sw(Wire.SW_REFERENCE_NOT_FOUND), send(0x00, 0xCA, 0xDF7F).getSW());
    }

    @Test
    void answersCapability() {
        ResponseAPDU answer = send(0x00, 0xCA, Wire.DATA_CAPABILITY & 0xFFFF);
        assertEquals(0x9000, answer.getSW());
        assertArrayEquals(HexFormat.of().parseHex("01020208030300000f"), answer.getData());
    }

    @Test
    void answersLifeCycle() {
        ResponseAPDU answer = send(0x00, 0xCA, Wire.DATA_LIFE_CYCLE & 0xFFFF);
        assertEquals(0x9000, answer.getSW());
        assertArrayEquals(new byte[] {Wire.LIFE_CYCLE_SELECTABLE}, answer.getData());
    }
}
