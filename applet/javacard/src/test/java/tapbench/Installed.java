package tapbench;

import com.licel.jcardsim.base.SimulatorRuntime;
import com.licel.jcardsim.smartcardio.CardSimulator;
import com.licel.jcardsim.utils.AIDUtil;
import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import javacard.framework.AID;
import javacard.framework.Applet;
import javax.smartcardio.CommandAPDU;

/** A simulator's card with the applet on it. */
final class Installed {
    private final Platform platform = new Platform();
    private final CardSimulator card = new CardSimulator(platform);

    /** A platform that shows what is installed on it. */
    private static final class Platform extends SimulatorRuntime {
        @Override
        protected Applet getApplet(AID aid) {
            return super.getApplet(aid);
        }
    }

    Installed() {
        ByteArrayOutputStream parameters = new ByteArrayOutputStream(); // of INSTALL
        parameters.write(Wire.AID_MANAGEMENT.length);
        parameters.writeBytes(Wire.AID_MANAGEMENT);
        parameters.writeBytes(new byte[2]); // no privileges, no data
        card.installApplet(AIDUtil.create(Wire.AID_MANAGEMENT), SecureElementApplet.class,
            parameters.toByteArray(), (short) 0, (byte) parameters.size());
    }

    /** Sends a command and returns its answer, both in hexadecimal. */
    String send(String command) {
        return HexFormat.of().withUpperCase().formatHex(card.transmitCommand(
            new CommandAPDU(HexFormat.of().parseHex(command))).getBytes());
    }

    /** Sends a command, whatever its bytes, and returns its answer. */
    byte[] transmit(byte[] command) {
        return card.transmitCommand(command);
    }

    /** Returns the application, for a look at its state. */
    SecureElementApplet applet() {
        return (SecureElementApplet) platform.getApplet(AIDUtil.create(Wire.AID_MANAGEMENT));
    }

    void reset() {
        card.reset();
    }
}
