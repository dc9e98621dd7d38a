package checker;

import java.util.List;
import java.util.Set;
import org.objectweb.asm.Opcodes;

/** Where the platform, or another applet, enters a program. */
final class Entries {
    private static final String APPLET = "javacard/framework/Applet";
    private static final String INSTALL = "install([BSB)V";
    private static final Set<String> COMMANDS = Set.of(
        "process(Ljavacard/framework/APDU;)V", "select()Z", "deselect()V", "select(Z)Z",
        "deselect(Z)V",
        "getShareableInterfaceObject(Ljavacard/framework/AID;B)Ljavacard/framework/Shareable;");

    private Entries() {
    }

    /** Returns the methods that run after installation. */
    static List<Program.Member> afterInstall(Program program) {
        return program.members().stream().filter(member -> {
            String name = member.method().name + member.method().desc;
            String type = member.type().name;
            boolean isShared = program.isA(type, "javacard/framework/Shareable")
                && (member.method().access & Opcodes.ACC_PUBLIC) != 0
                && !member.method().name.equals("<init>");
            return isShared || COMMANDS.contains(name) && program.isA(type, APPLET);
        }).toList();
    }

    /** Returns the methods that install. */
    static List<Program.Member> install(Program program) {
        return program.members().stream().filter(member ->
            INSTALL.equals(member.method().name + member.method().desc)
                && (member.method().access & Opcodes.ACC_STATIC) != 0
                && program.isA(member.type().name, APPLET)).toList();
    }
}
