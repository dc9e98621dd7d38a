package tapbench;

import java.nio.ByteBuffer;
import java.util.List;
import tearing.Operations;

/** Tells what the applet has asked of the platform, in a machine that runs the tearing agent. */
final class Tally {
    private Tally() {
    }

    /**
     * Returns what was done since the last call, kind [1] || bytes [2] for each operation; kinds
     * are numbered as in {@link Operations.Kind}. The first call begins to count.
     */
    static byte[] take() {
        List<Operations.Operation> done = Operations.take();
        ByteBuffer out = ByteBuffer.allocate(3 * done.size());
        for (Operations.Operation operation : done) {
            out.put((byte) operation.kind().ordinal()).putShort((short) operation.bytes());
        }
        return out.array();
    }
}
