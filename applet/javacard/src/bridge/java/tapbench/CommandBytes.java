package tapbench;

/**
 * What arrives at a card before its platform sees it. The simulator takes well-formed commands
 * only, and reads an extended Le as a signed number.
 */
final class CommandBytes {
    private static final int HEADER = 4;
    private static final int EXTENDED = HEADER + 3;
    private static final int LE = 2;
    private static final int LONGEST_AID = 16;

    private CommandBytes() {
    }

    /** Says whether bytes are a C-APDU (ISO/IEC 7816-3:2006, 12.1). */
    static boolean areCommand(byte[] raw) {
        if (raw.length <= HEADER + 1) {
            return raw.length >= HEADER;
        }
        if (raw[HEADER] != 0) {
            int rest = raw.length - HEADER - 1 - (raw[HEADER] & 0xFF);
            return rest == 0 || rest == 1;
        }
        if (raw.length <= EXTENDED) {
            return raw.length == EXTENDED;
        }
        return number(raw, EXTENDED - 2) != 0 && (rest(raw) == 0 || rest(raw) == LE);
    }

    /**
     * Says whether a command selects by a name that no application can have (ISO/IEC 7816-4:2013,
     * 8.2.1.2: at most 16 bytes), and over which the simulator stumbles.
     */
    static boolean nameTooLong(byte[] command) {
        if (command.length <= HEADER + 1 || command[0] != 0 || command[1] != Wire.INS_SELECT
                || command[2] != Wire.P1_SELECT_BY_AID) {
            return false;
        }
        int len = command[HEADER] & 0xFF;
        if (len == 0 && command.length > EXTENDED) {
            len = number(command, EXTENDED - 2);
        }
        return len > LONGEST_AID && command.length > HEADER + 1 + LONGEST_AID;
    }

    /**
     * Returns a command as the simulator takes it: where the extended Le is more than a short
     * holds, it is the largest short, as in {@link javacard.framework.APDU#setOutgoing()}.
     */
    static byte[] bounded(byte[] command) {
        if (command.length < EXTENDED || command[HEADER] != 0
            || command.length > EXTENDED && rest(command) != LE) {
            return command;
        }
        int le = number(command, command.length - LE);
        if (le != 0 && le <= Short.MAX_VALUE) {
            return command;
        }
        byte[] bounded = command.clone();
        bounded[command.length - LE] = Byte.MAX_VALUE;
        bounded[command.length - 1] = (byte) 0xFF;
        return bounded;
    }

    /** Returns how many bytes follow the data of a command in extended length. */
    private static int rest(byte[] command) {
        return command.length - EXTENDED - number(command, EXTENDED - 2);
    }

    private static int number(byte[] raw, int at) {
        return (raw[at] & 0xFF) << Byte.SIZE | raw[at + 1] & 0xFF;
    }
}
