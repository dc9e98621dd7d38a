package checker;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.MethodInsnNode;

/**
 * The platform while an installation is run: it hands out memory, and objects that do nothing, and
 * remembers what it gave.
 */
final class Platform {
    private static final String SYSTEM = "javacard/framework/JCSystem";
    private static final String BUILDER = "javacard/security/KeyBuilder";
    private static final String UTIL = "javacard/framework/Util";
    private static final int HEADER = 8; // of an object, as the others here an estimate
    private static final int ALGORITHM = 240;

    private static final Map<Integer, String> KEYS = Map.ofEntries(Map.entry(1, "DES"),
        Map.entry(2, "DES"), Map.entry(3, "DES"), Map.entry(4, "RSA public"),
        Map.entry(5, "RSA private"), Map.entry(6, "RSA CRT private"),
        Map.entry(11, "EC public"), Map.entry(12, "EC private"), Map.entry(13, "AES"),
        Map.entry(14, "AES"), Map.entry(15, "AES"));
    private static final Map<Integer, String> KEY_TYPES = Map.of(4,
        "javacard/security/RSAPublicKey", 5, "javacard/security/RSAPrivateKey", 6,
        "javacard/security/RSAPrivateCrtKey", 11, "javacard/security/ECPublicKey", 12,
        "javacard/security/ECPrivateKey", 13, "javacard/security/AESKey", 14,
        "javacard/security/AESKey", 15, "javacard/security/AESKey");

    private final Set<String> failing;

    /** Everything made so far, in its order. */
    final List<Cell.Thing> things = new ArrayList<>();

    /** The applets that registered. */
    final List<Cell.Instance> applets = new ArrayList<>();

    /** Takes the methods that throw a CryptoException, as Class.method with dots. */
    Platform(List<String> failing) {
        this.failing = Set.copyOf(failing);
    }

    void made(Cell.Thing thing) {
        things.add(thing);
    }

    /** Makes one of the platform's objects by new. */
    Cell.Thing constructed(String type) {
        return type.endsWith("Exception") ? new Cell.Instance(type)
            : new Cell.Native(type, simple(type), HEADER + 8, 0);
    }

    private static String simple(String type) {
        return type.substring(type.lastIndexOf('/') + 1);
    }

    /** Answers a call of the platform. */
    Cell call(Machine machine, MethodInsnNode call, List<Cell> arguments) throws Machine.Thrown {
        if (failing.contains(Finding.dotted(call.owner) + "." + call.name)) {
            throw new Machine.Thrown("javacard/security/CryptoException");
        }
        if (call.name.equals("throwIt")) {
            throw new Machine.Thrown(call.owner);
        }
        if (call.name.equals("register")) {
            applets.add((Cell.Instance) arguments.get(0));
            return Cell.NULL;
        }
        if (call.owner.equals(SYSTEM) && call.name.startsWith("makeTransient")) {
            String type = Type.getReturnType(call.desc).getDescriptor().substring(1);
            return machine.made(new Cell.Array(type, number(arguments.get(0)), true));
        }
        if (call.owner.equals(BUILDER) && call.name.equals("buildKey")) {
            return machine.made(key(number(arguments.get(0)), number(arguments.get(1))));
        }
        if (call.name.equals("getInstance")) {
            return machine.made(new Cell.Native(Type.getReturnType(call.desc).getInternalName(),
                simple(call.owner), ALGORITHM, 0));
        }
        if (call.owner.equals(UTIL) && arguments.get(0) instanceof Cell.Array) {
            return util(call.name, arguments);
        }
        if (call.name.equals("<init>") && arguments.size() > 1) {
            keep(arguments);
        }
        Type result = Type.getReturnType(call.desc);
        if (result.getSort() == Type.OBJECT) {
            return given(machine, result.getInternalName(), arguments);
        }
        return result.getSort() == Type.VOID ? Cell.NULL : Machine.zero(result.getDescriptor());
    }

    /** What a pair is asked for, it has been made of; all else is the platform's own. */
    private static Cell given(Machine machine, String type, List<Cell> arguments) {
        if (!arguments.isEmpty() && arguments.get(0) instanceof Cell.Native asked) {
            for (Cell.Thing kept : asked.keeps) {
                if (kept instanceof Cell.Native thing && machine.program.isA(thing.type, type)) {
                    return kept;
                }
            }
        }
        return new Cell.Native(type, simple(type), 0, 0);
    }

    /** What an object of the platform is made of, it keeps: a pair its keys. */
    private static void keep(List<Cell> arguments) {
        if (arguments.get(0) instanceof Cell.Native made) {
            for (int i = 1; i < arguments.size(); i++) {
                if (arguments.get(i) instanceof Cell.Thing thing) {
                    made.keeps.add(thing);
                }
            }
        }
    }

    private static Cell util(String name, List<Cell> arguments) throws Machine.Thrown {
        Cell.Array first = (Cell.Array) arguments.get(0);
        int from = number(arguments.get(1));
        switch (name) {
            case "arrayCopy", "arrayCopyNonAtomic" -> {
                Cell.Array to = (Cell.Array) arguments.get(2);
                int at = number(arguments.get(3));
                int len = number(arguments.get(4));
                check(first, from, len);
                check(to, at, len);
                System.arraycopy(first.cells, from, to.cells, at, len);
                return new Cell.Number((short) (at + len));
            }
            case "arrayFill", "arrayFillNonAtomic" -> {
                int len = number(arguments.get(2));
                check(first, from, len);
                Arrays.fill(first.cells, from, from + len, arguments.get(3));
                return new Cell.Number((short) (from + len));
            }
            case "getShort" -> {
                check(first, from, 2);
                return new Cell.Number((short) (number(first.cells[from]) << 8
                    | number(first.cells[from + 1]) & 0xFF));
            }
            case "setShort" -> {
                check(first, from, 2);
                int value = number(arguments.get(2));
                first.cells[from] = new Cell.Number((byte) (value >> 8));
                first.cells[from + 1] = new Cell.Number((byte) value);
                return new Cell.Number((short) (from + 2));
            }
            default -> {
                return new Cell.Number(0);
            }
        }
    }

    private static void check(Cell.Array array, int from, int len) throws Machine.Thrown {
        if (from < 0 || len < 0 || from + len > array.cells.length) {
            throw new Machine.Thrown("java/lang/ArrayIndexOutOfBoundsException");
        }
    }

    private static int number(Cell cell) {
        return ((Cell.Number) cell).value();
    }

    /** About what a key takes: its own bytes, and a curve's parameters with it. */
    private static Cell.Native key(int type, int bits) {
        int bytes = (bits + 7) / 8;
        String kind = KEYS.getOrDefault(type, "other");
        int own = switch (kind) {
            case "EC public" -> 6 * bytes + 2 + 2 * bytes + 2; // p, a, b, n, G, cofactor, W
            case "EC private" -> 7 * bytes + 3; // p, a, b, n, G, cofactor, s
            case "RSA public" -> bytes + 4;
            case "RSA private" -> 2 * bytes;
            case "RSA CRT private" -> 5 * bytes / 2;
            default -> bytes;
        };
        boolean isTransient = type == 1 || type == 2 || type == 13 || type == 14;
        return new Cell.Native(KEY_TYPES.getOrDefault(type, "javacard/security/SecretKey"),
            kind + " key, " + bits + " bits", HEADER + (isTransient ? 0 : own),
            isTransient ? own : 0);
    }
}
