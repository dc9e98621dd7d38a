package tapbench.emv;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/**
 * What both applications of the card do alike: selection, the checks before a command in EMV.md's
 * order, answers in parts, and personalisation.
 */
abstract class CardApplet extends Applet {
    /** The data grouping of what SELECT answers: the template A5 (EMV CPS 1.1). */
    static final short SELECTION = (short) 0x9102;
    /** At most so long: with the longest name the answer has 254 bytes. */
    static final short LONGEST_SELECTION = 232;

    private static final short FCI = 0x6F;
    private static final short NAME = 0x84;
    private static final short SHORTEST_NAME = 5;
    private static final short LONGEST_NAME = 16;
    private static final byte NEXT_OCCURRENCE = 0x02;

    /** The class's bit of secure messaging (EMV 4.3 Book 2, 9.2.1.2). */
    private static final byte SECURE = 0x04;
    private static final short LARGEST_ANSWER = 256;

    final DataGroups groups;
    final Memory ram;
    private final Personalisation personalisation;

    CardApplet(DataGroups groups, Memory ram, GroupRules rules) {
        this.groups = groups;
        this.ram = ram;
        personalisation = new Personalisation(groups, rules);
    }

    /** Says whether the card, as it is, has a command beside STORE DATA and GET RESPONSE. */
    abstract boolean has(byte cla, byte ins);

    /**
     * Checks a command's parameters, length and conditions, runs it, and returns the length of its
     * answer in {@link Memory#answer}. Its data lie in the buffer.
     */
    abstract short act(byte ins, byte[] buffer, short off, short len);

    /** Runs one command. What an algorithm fails with ends the transaction. */
    @Override
    public final void process(APDU apdu) {
        try {
            if (selectingApplet()) {
                select(apdu);
            } else {
                dispatch(apdu);
            }
            ram.wipe();
        } catch (ISOException e) {
            ram.wipe();
            throw e;
        } catch (RuntimeException e) {
            ram.reset();
            ISOException.throwIt(Codes.SW_UNKNOWN);
        }
    }

    /** SELECT: 6F { 84 name, and what the card was personalised with }. */
    private void select(APDU apdu) {
        ram.reset();
        receive(apdu);
        byte[] out = ram.answer;
        short value = groups.areClosed() ? groups.find(SELECTION) : DataGroups.NONE;
        short len = value == DataGroups.NONE ? 0 : groups.length(value);
        short name = JCSystem.getAID().getBytes(out, (short) 0);
        short at = Tlv.head(FCI, (short) (name + len + 2), out, (short) 0);
        at = Tlv.head(NAME, name, out, at);
        at = (short) (at + JCSystem.getAID().getBytes(out, at));
        if (len > 0) {
            at = Util.arrayCopyNonAtomic(groups.bytes, value, out, at, len);
        }
        send(apdu, (short) 0, at);
    }

    private void dispatch(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        byte cla = buffer[ISO7816.OFFSET_CLA];
        byte ins = buffer[ISO7816.OFFSET_INS];
        boolean fetches = cla == Codes.CLA_INTERINDUSTRY && ins == Codes.INS_GET_RESPONSE;
        if (!fetches) {
            ram.setWaiting((short) 0, (short) 0);
        }
        if (cla == Codes.CLA_INTERINDUSTRY && ins == Codes.INS_SELECT) {
            notSelected(apdu);
            return;
        }
        checkCommand(cla, ins);
        short len = receive(apdu);
        if (ins == Codes.INS_GET_RESPONSE) {
            fetch(apdu, len);
            return;
        }
        short off = apdu.getOffsetCdata();
        if (ins == Codes.INS_STORE_DATA) {
            personalisation.store(buffer[ISO7816.OFFSET_P1], buffer[ISO7816.OFFSET_P2], buffer,
                off, len);
            return;
        }
        send(apdu, (short) 0, act(ins, buffer, off, len));
    }

    /** SELECT of something that the platform doesn't know, or in another way than by name. */
    private static void notSelected(APDU apdu) {
        byte[] header = apdu.getBuffer();
        byte p2 = header[ISO7816.OFFSET_P2];
        if (header[ISO7816.OFFSET_P1] != Codes.P1_BY_AID || p2 != 0 && p2 != NEXT_OCCURRENCE) {
            ISOException.throwIt(Codes.SW_INCORRECT_P1_P2);
        }
        short len = receive(apdu);
        ISOException.throwIt(len < SHORTEST_NAME || len > LONGEST_NAME ? Codes.SW_WRONG_LENGTH
            : Codes.SW_FILE_NOT_FOUND);
    }

    /** Refuses a class, an instruction, and secure messaging, in this order. */
    private void checkCommand(byte cla, byte ins) {
        byte base = (byte) (cla & ~SECURE);
        if (base != Codes.CLA_INTERINDUSTRY && base != Codes.CLA_PROPRIETARY) {
            ISOException.throwIt(Codes.SW_CLASS_NOT_SUPPORTED);
            return;
        }
        boolean isOwn = base == Codes.CLA_INTERINDUSTRY ? ins == Codes.INS_GET_RESPONSE
            : ins == Codes.INS_STORE_DATA && !groups.areClosed();
        if (!isOwn && !has(base, ins)) {
            ISOException.throwIt(Codes.SW_INSTRUCTION_NOT_SUPPORTED);
        } else if (base != cla) {
            ISOException.throwIt(Codes.SW_SECURE_MESSAGING_NOT_SUPPORTED);
        }
    }

    /** GET RESPONSE (00 C0 0000, no data): the next part of what waits. */
    private void fetch(APDU apdu, short len) {
        TransactionCommands.checkNone(apdu.getBuffer());
        TransactionCommands.checkLength(len, (short) 0);
        short waiting = ram.waitingLen();
        if (waiting == 0) {
            ISOException.throwIt(Codes.SW_CONDITIONS_NOT_SATISFIED);
            return;
        }
        short from = ram.waitingFrom();
        ram.setWaiting((short) 0, (short) 0);
        send(apdu, from, waiting);
    }

    /** Receives a command's data, which the buffer holds whole, and returns their length. */
    private static short receive(APDU apdu) {
        short got = apdu.setIncomingAndReceive();
        short len = apdu.getIncomingLength();
        while (got < len) {
            got = (short) (got + apdu.receiveBytes((short) (apdu.getOffsetCdata() + got)));
        }
        return len;
    }

    /** Answers as much as Le asks for; the rest waits, with 61xx. */
    private void send(APDU apdu, short from, short len) {
        if (len == 0) {
            return;
        }
        short le = apdu.setOutgoing();
        short now = len < le ? len : le;
        apdu.setOutgoingLength(now);
        apdu.sendBytesLong(ram.answer, from, now);
        short rest = (short) (len - now);
        if (rest > 0) {
            ram.setWaiting((short) (from + now), rest);
            byte xx = (byte) (rest < LARGEST_ANSWER ? rest : 0);
            ISOException.throwIt((short) (Codes.SW_BYTES_REMAINING | (xx & 0xFF)));
        }
    }
}
