package tearing;

import com.licel.jcardsim.smartcardio.CardSimulator;
import com.licel.jcardsim.utils.AIDUtil;
import java.util.HexFormat;
import javacard.framework.AID;
import javax.smartcardio.CommandAPDU;
import tearing.purse.Purse;

/** A simulator's card with a purse on it. */
final class Card {
    private static final AID PURSE = AIDUtil.create("F000000001");

    private final CardSimulator simulator = new CardSimulator();

    Card() {
        simulator.installApplet(PURSE, Purse.class);
        simulator.selectApplet(PURSE);
    }

    /** Sends a command and returns its answer, both in hexadecimal. */
    String send(int ins, String data) {
        byte[] bytes = HexFormat.of().parseHex(data);
        CommandAPDU command = bytes.length == 0
            ? new CommandAPDU(0x80, ins, 0, 0, 256)
            : new CommandAPDU(0x80, ins, 0, 0, bytes);
        return HexFormat.of().withUpperCase().formatHex(
            simulator.transmitCommand(command).getBytes());
    }

    /** Resets the card, selects the purse and reads everything, without the status word. */
    String state() {
        simulator.reset();
        simulator.selectApplet(PURSE);
        String answer = send(Purse.READ, "");
        return answer.substring(0, answer.length() - 4);
    }
}
