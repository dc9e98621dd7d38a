package tapbench;

/**
 * What arrives at a card before its platform sees it. The simulator takes well-formed commands
 * only, and reads an extended Le as a signed number.
 */
final class CommandBytes {
    private static final int HEADER = 4;
    private static final int EXTENDED = HEADER + 3;
    private static final int LE = 2;

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
