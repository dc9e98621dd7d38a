package tapbench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One file of testdata/vectors/message: hexadecimal values under flat names. */
record Vector(String name, Map<String, byte[]> fields) {
    private static final Path FOLDER = Path.of("..", "..", "testdata", "vectors", "message");
    private static final Pattern FIELD = Pattern.compile("\"(\\w+)\": \"((?:[0-9a-f]{2})*)\"");

    /** Reads one file. */
    static Vector read(String name) {
        try {
            String text = Files.readString(FOLDER.resolve(name + ".json"));
            Map<String, byte[]> fields = new TreeMap<>();
            FIELD.matcher(text.substring(text.indexOf("\"fields\""))).results().forEach(
                found -> fields.put(found.group(1), HexFormat.of().parseHex(found.group(2))));
            return new Vector(name, fields);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads every file that begins with a prefix; none at all is a failure. */
    static List<Vector> all(String prefix) {
        try (Stream<Path> files = Files.list(FOLDER)) {
            List<Vector> found = files.map(file -> file.getFileName().toString())
                .filter(name -> name.startsWith(prefix) && name.endsWith(".json")).sorted()
                .map(name -> read(name.substring(0, name.length() - ".json".length()))).toList();
            if (found.isEmpty()) {
                throw new IllegalStateException("no vector begins with " + prefix);
            }
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns a field's bytes, a copy of them. */
    byte[] get(String field) {
        byte[] value = fields.get(field);
        if (value == null) {
            throw new IllegalArgumentException(name + " has no " + field);
        }
        return value.clone();
    }

    @Override
    public String toString() {
        return name;
    }
}
