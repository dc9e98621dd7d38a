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

/** A simulator's card, on which applets are installed. */
public abstract class Simulated {
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

    /** The arrays that a reset empties. */
    private static final class Ram extends TransientMemory {
        List<Object> arrays() {
            List<Object> arrays = new ArrayList<>(clearOnReset);
            arrays.addAll(clearOnDeselect);
            return arrays;
        }
    }

    /** Installs an applet under a name, without privileges and data. */
    protected final void install(byte[] aid, Class<? extends Applet> applet) {
        ByteArrayOutputStream parameters = new ByteArrayOutputStream(); // of INSTALL
        parameters.write(aid.length);
        parameters.writeBytes(aid);
        parameters.writeBytes(new byte[2]);
        card.installApplet(AIDUtil.create(aid), applet, parameters.toByteArray(), (short) 0,
            (byte) parameters.size());
    }

    /** Returns an applet, for a look at its state. */
    protected final Applet applet(byte[] aid) {
        return platform.getApplet(AIDUtil.create(aid));
    }

    /** Returns what the card keeps without power, as bytes. */
    public abstract CardMemory memory();

    /** Sends a command and returns its answer, both in hexadecimal. */
    public final String send(String command) {
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
    final List<Object> ram() {
        return platform.ram.arrays();
    }

    /** Selects an application as the platform does, without its answer. */
    final void select(byte[] aid) {
        card.selectApplet(AIDUtil.create(aid));
    }

    /** Takes the power and gives it again. */
    public final void reset() {
        card.reset();
    }
}
