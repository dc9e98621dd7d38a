package tapbench;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/**
 * The management application of applet/PROTOCOL.md, as far as it goes: SELECT, GET DATA and GET
 * RESPONSE. The order of checks is that of PROTOCOL.md: selecting, class, chaining, instruction,
 * P1-P2, Lc, life cycle, act. Nothing is allocated after installation.
 */
public final class SecureElementApplet extends Applet {
    private static final byte VERSION = 2;
    private static final short CAPABILITY_LEN = 10;
    private static final short STATUS_LEN = (short) (2 + Wire.BANK_SLOTS + Wire.TID_SLOTS
        + Wire.CARD_SLOTS + 2);
    private static final short LARGEST_ANSWER = 256;

    private final Algorithms algorithms;
    private final Persistent persistent;
    private final Transients transients;

    private SecureElementApplet() {
        persistent = new Persistent();
        transients = new Transients();
        algorithms = new Algorithms(persistent.kem, transients);
    }

    /** Installs the application under the AID in the parameters. */
    public static void install(byte[] parameters, short off, byte len) {
        new SecureElementApplet().register(parameters, (short) (off + 1), parameters[off]);
    }

    /** Runs one command. */
    @Override
    public void process(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        byte ins = buffer[ISO7816.OFFSET_INS];
        if (selectingApplet()) {
            selected(apdu);
            return;
        }
        byte cla = buffer[ISO7816.OFFSET_CLA];
        if (ins != Wire.INS_GET_RESPONSE || cla != Wire.CLA_INTERINDUSTRY) {
            transients.setWaiting((short) 0, (short) 0);
        }
        if (cla == Wire.CLA_INTERINDUSTRY && ins == Wire.INS_SELECT) {
            notSelected(buffer);
            return;
        }
        if (cla != Wire.CLA_INTERINDUSTRY && cla != Wire.CLA_PROPRIETARY) {
            ISOException.throwIt(Wire.SW_CLASS_NOT_SUPPORTED); // no command here chains
            return;
        }
        if (cla == Wire.CLA_PROPRIETARY) {
            ISOException.throwIt(Wire.SW_INSTRUCTION_NOT_SUPPORTED);
            return;
        }
        switch (ins) {
            case Wire.INS_GET_DATA:
                getData(apdu);
                return;
            case Wire.INS_GET_RESPONSE:
                getResponse(apdu);
                return;
            default:
                ISOException.throwIt(Wire.SW_INSTRUCTION_NOT_SUPPORTED);
        }
    }

    /** The platform selects by the beginning of an AID too; only the full one is an application. */
    private void selected(APDU apdu) {
        short len = apdu.setIncomingAndReceive();
        if (!JCSystem.getAID().equals(apdu.getBuffer(), ISO7816.OFFSET_CDATA, (byte) len)) {
            ISOException.throwIt(Wire.SW_FILE_NOT_FOUND);
        }
    }

    /** SELECT of something that the platform doesn't know, or in another way than by AID. */
    private void notSelected(byte[] buffer) {
        short parameters = Util.getShort(buffer, ISO7816.OFFSET_P1);
        if (parameters != (short) (Wire.P1_SELECT_BY_AID << 8)) {
            ISOException.throwIt(Wire.SW_INCORRECT_P1_P2);
        } else {
            ISOException.throwIt(Wire.SW_FILE_NOT_FOUND);
        }
    }

    /**
     * GET DATA (00 CA, P1-P2 tag, no data): DF01 capability [10], DF02 life cycle [1], DF03 CERT_SE
     * (not before personalisation: 6985), DF04 status [16]; DF05, DF06 and DF07 aren't
     * there yet (6985). Another tag: 6A88. Data: 6700.
     */
    private void getData(APDU apdu) {
        short tag = Util.getShort(apdu.getBuffer(), ISO7816.OFFSET_P1);
        if (tag < Wire.DATA_CAPABILITY || tag > Wire.DATA_TOKENS) {
            ISOException.throwIt(Wire.SW_REFERENCE_NOT_FOUND);
            return;
        }
        refuseData(apdu);
        byte[] out = transients.buffer;
        switch (tag) {
            case Wire.DATA_CAPABILITY:
                out[0] = VERSION;
                out[1] = (byte) Wire.BANK_SLOTS;
                out[2] = (byte) Wire.TID_SLOTS;
                out[3] = (byte) Wire.CARD_SLOTS;
                out[4] = (byte) Wire.TOKEN_SLOTS;
                out[5] = (byte) Wire.TAP_TRIES;
                Util.setShort(out, (short) 6, Wire.BUFFER_LEN);
                Util.setShort(out, (short) 8, algorithms.present);
                send(apdu, (short) 0, CAPABILITY_LEN);
                return;
            case Wire.DATA_LIFE_CYCLE:
                out[0] = persistent.life();
                send(apdu, (short) 0, (short) 1);
                return;
            case Wire.DATA_STATUS: // no user, no accounts, no cards, not armed
                Util.arrayFillNonAtomic(out, (short) 0, STATUS_LEN, (byte) 0);
                out[0] = persistent.life();
                send(apdu, (short) 0, STATUS_LEN);
                return;
            default:
                ISOException.throwIt(Wire.SW_CONDITIONS_NOT_SATISFIED);
        }
    }

    /** GET RESPONSE (00 C0 0000, no data): the next part of what waits. Nothing waits: 6985. */
    private void getResponse(APDU apdu) {
        if (Util.getShort(apdu.getBuffer(), ISO7816.OFFSET_P1) != 0) {
            ISOException.throwIt(Wire.SW_INCORRECT_P1_P2);
            return;
        }
        refuseData(apdu);
        if (transients.waitingLen() == 0) {
            ISOException.throwIt(Wire.SW_CONDITIONS_NOT_SATISFIED);
            return;
        }
        send(apdu, transients.waitingFrom(), transients.waitingLen());
    }

    private static void refuseData(APDU apdu) {
        if (apdu.setIncomingAndReceive() != 0) {
            ISOException.throwIt(Wire.SW_WRONG_LENGTH);
        }
    }

    /** Answers from the transient buffer as much as Le asks for; the rest waits, with 61xx. */
    private void send(APDU apdu, short from, short len) {
        short le = apdu.setOutgoing();
        short now = len < le ? len : le;
        apdu.setOutgoingLength(now);
        apdu.sendBytesLong(transients.buffer, from, now);
        short rest = (short) (len - now);
        transients.setWaiting((short) (from + now), rest);
        if (rest > 0) {
            byte xx = (byte) (rest < LARGEST_ANSWER ? rest : 0);
            ISOException.throwIt((short) (Wire.SW_BYTES_REMAINING | (xx & 0xFF)));
        }
    }
}
