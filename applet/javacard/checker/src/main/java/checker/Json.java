package checker;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Writes one JSON object (RFC 8259), a member after the other. */
final class Json {
    private final StringBuilder out = new StringBuilder("{");

    private void member(String name) {
        out.append(out.length() == 1 ? "\n  " : ",\n  ").append(text(name)).append(": ");
    }

    void value(String name, int number) {
        member(name);
        out.append(number);
    }

    <T> void list(String name, List<T> all, Function<T, String> write) {
        member(name);
        out.append(all.isEmpty() ? "[]" : all.stream().map(write)
            .collect(Collectors.joining(",\n    ", "[\n    ", "\n  ]")));
    }

    /** Returns an object of names and values by turns. */
    String object(Object... members) {
        StringBuilder object = new StringBuilder("{");
        for (int i = 0; i < members.length; i += 2) {
            Object value = members[i + 1];
            object.append(i == 0 ? "" : ", ").append(text((String) members[i])).append(": ")
                .append(value instanceof String string ? text(string) : String.valueOf(value));
        }
        return object.append('}').toString();
    }

    String text(String value) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : value.toCharArray()) {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }

    String end() {
        return out.append("\n}\n").toString();
    }
}
