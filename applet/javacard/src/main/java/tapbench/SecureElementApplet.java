package tapbench;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;

/**
 * The management application's first part: SELECT and GET DATA of capability and life cycle, in the
 * order of checks that PROTOCOL.md gives. Dispatch only.
 */
public final class SecureElementApplet extends Applet {
    /** ECDSA, ECDH, AES-CBC; CMAC is built by hand, so its bit says what the host may rely on. */
    private static final short ALGORITHMS = 0x000F;
    private static final byte VERSION = 0x01;
    private static final short CAPABILITY_LEN = 9;

    private final Persistent persistent;

    private SecureElementApplet() {
        persistent = new Persistent();
    }

    public static void install(byte[] array, short offset, byte length) {
        new SecureElementApplet().register();
    }

    @Override
    public void process(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        if (selectingApplet()) {
            return;
        }
        byte cla = buffer[ISO7816.OFFSET_CLA];
        if (cla != Wire.CLA_INTERINDUSTRY && cla != Wire.CLA_PROPRIETARY) {
            ISOException.throwIt(Wire.SW_CLASS_NOT_SUPPORTED);
            return;
        }
        if (cla == Wire.CLA_INTERINDUSTRY && buffer[ISO7816.OFFSET_INS] == Wire.INS_GET_DATA) {
            processGetData(apdu, buffer);
            return;
        }
        ISOException.throwIt(Wire.SW_INSTRUCTION_NOT_SUPPORTED);
    }

    /** CLA 00 INS CA, P1-P2 tag, no data; answers the value alone. */
    private void processGetData(APDU apdu, byte[] buffer) {
        short tag = Util.getShort(buffer, ISO7816.OFFSET_P1);
        if (tag == Wire.DATA_LIFE_CYCLE) {
            buffer[0] = persistent.lifeCycle();
            apdu.setOutgoingAndSend((short) 0, (short) 1);
            return;
        }
        if (tag != Wire.DATA_CAPABILITY) {
            ISOException.throwIt(Wire.SW_REFERENCE_NOT_FOUND);
            return;
        }
        buffer[0] = VERSION;
        buffer[1] = (byte) Wire.BANK_SLOTS;
        buffer[2] = (byte) Wire.TID_SLOTS;
        buffer[3] = (byte) Wire.CARD_SLOTS;
        buffer[4] = (byte) Wire.TAP_TRIES;
        Util.setShort(buffer, (short) 5, Wire.BUFFER_LEN);
        Util.setShort(buffer, (short) 7, ALGORITHMS);
        apdu.setOutgoingAndSend((short) 0, CAPABILITY_LEN);
    }
}
