package tapbench;

import com.licel.jcardsim.base.SimulatorRuntime;
import com.licel.jcardsim.base.TransientMemory;
import com.licel.jcardsim.smartcardio.CardSimulator;
import com.licel.jcardsim.utils.AIDUtil;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.framework.Applet;
import javax.smartcardio.CommandAPDU;

/** A simulator's card with the applet on it. */
class Installed {
    private final Platform platform = new Platform(new Ram());
    private final CardSimulator card = new CardSimulator(platform);

    /** A platform that shows what is installed on it, and what is in its RAM. */
    private static final class Platform extends SimulatorRuntime {
        private static final int LONGEST_COMMAND = 261;

        private final Ram ram;

        Platform(Ram ram) {
            super(ram);
            this.ram = ram;
            widen(shortAPDU);
        }

        /** jCardSim's buffer is a byte short of the longest command: header, Lc, 255 bytes, Le. */
        private static void widen(APDU apdu) {
            try {
                Field buffer = APDU.class.getDeclaredField("buffer");
                buffer.setAccessible(true);
                buffer.set(apdu, new byte[LONGEST_COMMAND]);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("another jCardSim: its APDU has changed", e);
            }
        }

        @Override
        protected Applet getApplet(AID aid) {
            return super.getApplet(aid);
        }
    }

    Installed() {
        install(Wire.AID_MANAGEMENT, SecureElementApplet.class);
        install(Wire.AID_PAYMENT, PaymentApplet.class);
        install(Wire.AID_OFFLINE, OfflineApplet.class);
        install(Wire.AID_PPSE, PpseApplet.class);
        KeySource.randomize(applet().element.keys);
    }

    private void install(byte[] aid, Class<? extends Applet> applet) {
        ByteArrayOutputStream parameters = new ByteArrayOutputStream(); // of INSTALL
        parameters.write(aid.length);
        parameters.writeBytes(aid);
        parameters.writeBytes(new byte[2]); // no privileges, no data
        card.installApplet(AIDUtil.create(aid), applet, parameters.toByteArray(), (short) 0,
            (byte) parameters.size());
    }

    /** The arrays that a reset empties. */
    private static final class Ram extends TransientMemory {
        List<Object> arrays() {
            List<Object> arrays = new ArrayList<>(clearOnReset);
            arrays.addAll(clearOnDeselect);
            return arrays;
        }
    }

    /** Sends a command and returns its answer, both in hexadecimal. */
    String send(String command) {
        return HexFormat.of().withUpperCase().formatHex(card.transmitCommand(
            new CommandAPDU(HexFormat.of().parseHex(command))).getBytes());
    }

    /** Sends a command, whatever its bytes, and returns its answer. */
    byte[] transmit(byte[] command) {
        if (!CommandBytes.areCommand(command)) {
            return status(Wire.SW_WRONG_LENGTH);
        }
        if (CommandBytes.nameTooLong(command)) {
            return status(Wire.SW_FILE_NOT_FOUND); // jCardSim would end
        }
        return card.transmitCommand(CommandBytes.bounded(command));
    }

    private static byte[] status(short word) {
        return new byte[] {(byte) (word >> Byte.SIZE), (byte) word};
    }

    /** Returns the arrays in RAM. */
    List<Object> ram() {
        return platform.ram.arrays();
    }

    /** Selects the application as the platform does, without its answer. */
    void select(byte[] aid) {
        card.selectApplet(AIDUtil.create(aid));
    }

    /** Returns the application, for a look at its state. */
    SecureElementApplet applet() {
        return (SecureElementApplet) platform.getApplet(AIDUtil.create(Wire.AID_MANAGEMENT));
    }

    void reset() {
        card.reset();
    }
}
