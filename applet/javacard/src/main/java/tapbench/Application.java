package tapbench;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacardx.apdu.ExtendedLength;

/**
 * What all applications of the element do alike: the checks before a command in PROTOCOL.md's
 * order, chaining, and answers in parts. A command finds its data at the beginning of {@link
 * Transients#buffer}, and leaves its answer there.
 */
abstract class Application extends Applet implements ExtendedLength {
    /** Without these nothing is personalised. */
    private static final byte BASIC = (byte) (Wire.ALGORITHM_ECDSA | Wire.ALGORITHM_AES);
    private static final short LARGEST_ANSWER = 256;
    private static final byte CLASSES = (byte) ~Wire.CLA_CHAINING;

    final Element element;
    private final Transients ram;
    private final CommandTable table;

    Application(Element element, byte[] rows) {
        this.element = element;
        ram = element.ram;
        table = new CommandTable(rows);
    }

    /** Writes what SELECT answers and returns its length. */
    abstract short select(byte[] out);

    /** Checks P1 and P2 of a command whose row leaves that to the application. */
    abstract void checkParameters(byte ins, byte p1, byte p2);

    /** Says whether data have the right length where the row leaves that to the application. */
    abstract boolean isLength(byte ins, byte p1, short len);

    /** Runs a command whose checks are done, and returns the length of its answer. */
    abstract short act(byte ins, byte p1, byte p2, short len);

    /** Runs one command. What an algorithm fails with costs the session. */
    @Override
    public final void process(APDU apdu) {
        try {
            if (selectingApplet()) {
                selected(apdu);
            } else {
                dispatch(apdu);
            }
            ram.wipe();
        } catch (ISOException e) {
            ram.wipe();
            throw e;
        } catch (RuntimeException e) {
            element.persistent.abort();
            ram.reset();
            ISOException.throwIt(Wire.SW_UNKNOWN);
        }
    }

    /** The platform selects by the beginning of an AID too; only the full one is an application. */
    private void selected(APDU apdu) {
        ram.reset();
        short len = apdu.setIncomingAndReceive();
        if (!JCSystem.getAID().equals(apdu.getBuffer(), apdu.getOffsetCdata(), (byte) len)) {
            ISOException.throwIt(Wire.SW_FILE_NOT_FOUND);
            return;
        }
        send(apdu, (short) 0, select(ram.buffer));
    }

    private void dispatch(APDU apdu) {
        byte[] header = apdu.getBuffer();
        byte cla = header[ISO7816.OFFSET_CLA];
        byte ins = header[ISO7816.OFFSET_INS];
        drop(cla, ins);
        if (cla == Wire.CLA_INTERINDUSTRY && ins == Wire.INS_SELECT) {
            dropChain();
            notSelected(header);
            return;
        }
        byte base = (byte) (cla & CLASSES);
        if (base != Wire.CLA_INTERINDUSTRY && base != Wire.CLA_PROPRIETARY) {
            dropChain();
            ISOException.throwIt(Wire.SW_CLASS_NOT_SUPPORTED);
            return;
        }
        boolean fetches = base == Wire.CLA_INTERINDUSTRY && ins == Wire.INS_GET_RESPONSE;
        short row = table.find(base, ins);
        if (!collect(apdu, cla, row, fetches)) {
            return;
        }
        if (fetches) {
            fetch(apdu);
            return;
        }
        if (row == CommandTable.NONE) {
            ISOException.throwIt(Wire.SW_INSTRUCTION_NOT_SUPPORTED);
            return;
        }
        byte p1 = header[ISO7816.OFFSET_P1];
        byte p2 = header[ISO7816.OFFSET_P2];
        short len = ram.chainLen();
        check(row, ins, p1, p2, len);
        send(apdu, (short) 0, act(ins, p1, p2, len));
    }

    /**
     * Forgets what only the next command could have used: the waiting answer unless that is GET
     * RESPONSE, the challenge unless it is that or one that answers it.
     */
    private void drop(byte cla, byte ins) {
        boolean fetches = cla == Wire.CLA_INTERINDUSTRY && ins == Wire.INS_GET_RESPONSE;
        boolean proves = cla == Wire.CLA_INTERINDUSTRY && ins == Wire.INS_EXTERNAL_AUTHENTICATE
            || cla == Wire.CLA_PROPRIETARY
                && (ins == Wire.INS_PUT_REFERENCE || ins == Wire.INS_LAUNCH);
        if (!fetches) {
            ram.setWaiting((short) 0, (short) 0);
        }
        if (!fetches && !proves) {
            ram.dropChallenge();
        }
    }

    private void dropChain() {
        ram.session[Transients.CHAIN_OPEN] = 0;
    }

    /** SELECT of something that the platform doesn't know, or in another way than by AID. */
    private void notSelected(byte[] header) {
        if (Util.getShort(header, ISO7816.OFFSET_P1) != (short) (Wire.P1_SELECT_BY_AID << 8)) {
            ISOException.throwIt(Wire.SW_INCORRECT_P1_P2);
        } else {
            ISOException.throwIt(Wire.SW_FILE_NOT_FOUND);
        }
    }

    /** Collects a command's data, and says whether they are whole. */
    private boolean collect(APDU apdu, byte cla, short row, boolean fetches) {
        byte[] session = ram.session;
        byte[] header = apdu.getBuffer();
        header[ISO7816.OFFSET_CLA] = (byte) (cla & CLASSES);
        boolean open = session[Transients.CHAIN_OPEN] != 0;
        dropChain();
        if (open && Util.arrayCompare(session, Transients.CHAIN_HEADER, header,
            ISO7816.OFFSET_CLA, (short) 4) != 0) {
            ISOException.throwIt(Wire.SW_LAST_COMMAND_EXPECTED);
            return false;
        }
        boolean more = (byte) (cla & Wire.CLA_CHAINING) != 0;
        if (more && (fetches || row == CommandTable.NONE
            || !table.has(row, CommandTable.CHAINS))) {
            ISOException.throwIt(Wire.SW_CLASS_NOT_SUPPORTED);
            return false;
        }
        boolean fits = receive(apdu, open ? ram.chainLen() : 0, fetches);
        if (!fits && (open || more)) { // a whole command's length has its turn later
            ISOException.throwIt(Wire.SW_WRONG_LENGTH);
            return false;
        }
        if (more) {
            session[Transients.CHAIN_OPEN] = 1;
            Util.arrayCopyNonAtomic(header, ISO7816.OFFSET_CLA, session,
                Transients.CHAIN_HEADER, (short) 4);
        }
        return !more;
    }

    /**
     * Appends a command's data to the buffer, but keeps an answer that is to be fetched there. Says
     * whether they fit.
     */
    private boolean receive(APDU apdu, short from, boolean fetches) {
        short got = apdu.setIncomingAndReceive();
        short data = apdu.getOffsetCdata();
        short end = (short) (from + apdu.getIncomingLength());
        ram.setChain(end);
        if (fetches) {
            return true;
        }
        if (end < 0 || end > Wire.BUFFER_LEN) {
            return false;
        }
        while (got > 0) {
            from = Util.arrayCopyNonAtomic(apdu.getBuffer(), data, ram.buffer, from, got);
            got = from < end ? apdu.receiveBytes(data) : 0;
        }
        return true;
    }

    /** Checks algorithms, P1-P2, length, security status and life cycle, in this order. */
    private void check(short row, byte ins, byte p1, byte p2, short len) {
        if (table.has(row, CommandTable.FRESH) && element.algorithms.lack(BASIC)
            || table.has(row, CommandTable.AGREES)
                && element.algorithms.lack(Wire.ALGORITHM_ECDH)) {
            ISOException.throwIt(Wire.SW_FUNCTION_NOT_SUPPORTED);
            return;
        }
        if (table.ownParameters(row)) {
            checkParameters(ins, p1, p2);
        } else if (!table.allows(row, p1, p2)) {
            ISOException.throwIt(Wire.SW_INCORRECT_P1_P2);
            return;
        }
        short length = table.length(row);
        if (length != len && (length != CommandTable.ANY_LENGTH || !isLength(ins, p1, len))) {
            ISOException.throwIt(Wire.SW_WRONG_LENGTH);
            return;
        }
        byte[] session = ram.session;
        byte life = element.persistent.card[CardState.LIFE];
        boolean isOpen = table.has(row, CommandTable.OPEN)
            || table.has(row, CommandTable.INTER) && DataObjects.isPublic(ins, p1, p2);
        if (life == Wire.LIFE_CYCLE_PERSONALIZED && !isOpen
            && session[Transients.PROVEN] == 0) {
            ISOException.throwIt(Wire.SW_SECURITY_STATUS_NOT_SATISFIED);
            return;
        }
        if (!table.has(row, CommandTable.LOCKED) && session[Transients.LAUNCHED] == 0
            && element.persistent.launch[LaunchState.SOFTWARE] != 0) {
            ISOException.throwIt(Wire.SW_SECURITY_STATUS_NOT_SATISFIED);
            return;
        }
        if (table.has(row, CommandTable.FRESH) && life != Wire.LIFE_CYCLE_SELECTABLE
            || table.has(row, CommandTable.PERSON) && life != Wire.LIFE_CYCLE_PERSONALIZED) {
            ISOException.throwIt(Wire.SW_CONDITIONS_NOT_SATISFIED);
        }
    }

    /** GET RESPONSE (00 C0 0000, no data): the next part of what waits. Nothing waits: 6985. */
    private void fetch(APDU apdu) {
        if (Util.getShort(apdu.getBuffer(), ISO7816.OFFSET_P1) != 0) {
            ISOException.throwIt(Wire.SW_INCORRECT_P1_P2);
            return;
        }
        if (ram.chainLen() != 0) {
            ISOException.throwIt(Wire.SW_WRONG_LENGTH);
            return;
        }
        if (ram.waitingLen() == 0) {
            ISOException.throwIt(Wire.SW_CONDITIONS_NOT_SATISFIED);
            return;
        }
        send(apdu, ram.waitingFrom(), ram.waitingLen());
    }

    /** Answers from the buffer as much as Le asks for; the rest waits, with 61xx. */
    private void send(APDU apdu, short from, short len) {
        if (len == 0) {
            return;
        }
        short le = apdu.setOutgoing();
        short now = len < le ? len : le;
        apdu.setOutgoingLength(now);
        apdu.sendBytesLong(ram.buffer, from, now);
        short rest = (short) (len - now);
        ram.setWaiting((short) (from + now), rest);
        if (rest > 0) {
            byte xx = (byte) (rest < LARGEST_ANSWER ? rest : 0);
            ISOException.throwIt((short) (Wire.SW_BYTES_REMAINING | (xx & 0xFF)));
        }
    }
}
