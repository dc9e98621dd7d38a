package tapbench;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * The pipe to whoever started this: requests on standard input, operation [1] || card [4] ||
 * length [2] || data, and their answers on standard output, length [2] || data, one write each.
 */
final class Pipe {
    private final DataInputStream in = new DataInputStream(
        new BufferedInputStream(new FileInputStream(FileDescriptor.in), 1 << 16));
    private final OutputStream out = new FileOutputStream(FileDescriptor.out);

    /** A request to one card. */
    record Request(char operation, int card, byte[] data) {
    }

    /** Waits for the next request, and returns null when there are no more. */
    Request next() throws IOException {
        try {
            return new Request((char) in.readUnsignedByte(), in.readInt(),
                in.readNBytes(in.readUnsignedShort()));
        } catch (EOFException e) {
            return null;
        }
    }

    /** Sends an answer: all parts, one after the other. */
    void answer(byte[]... parts) throws IOException {
        int len = 0;
        for (byte[] part : parts) {
            len += part.length;
        }
        if (len > 0xFFFF) {
            throw new IllegalArgumentException("answer of " + len + " bytes");
        }
        byte[] message = new byte[2 + len];
        message[0] = (byte) (len >> 8);
        message[1] = (byte) len;
        int at = 2;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, message, at, part.length);
            at += part.length;
        }
        out.write(message);
    }
}
