package io.cloister.sandbox.linux.program;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/// Machine code a reader can check: every instruction with its bytes, its mnemonic and the reason
/// it is there. The code that runs is the concatenation of the bytes. Only a test ever assembles
/// the mnemonics, to compare both.
///
/// @param lines the instructions in the order of their addresses
public record Listing(List<Line> lines) {

    /// Makes a listing.
    public Listing {
        lines = List.copyOf(lines);
    }

    /// Reads a listing from a table of lines `bytes | mnemonic | comment`.
    ///
    /// @param table one instruction per line
    /// @return the listing
    /// @throws IllegalArgumentException if a line has other than three columns, or its bytes are
    ///   missing or not hexadecimal
    static Listing parse(String table) {
        return new Listing(table.lines().map(Listing::parseLine).toList());
    }

    private static Line parseLine(String text) {
        String[] columns = text.split("\\|", -1);
        if (columns.length != 3) {
            throw new IllegalArgumentException(
                    "a line must have 3 columns, had " + columns.length + ": " + text);
        }
        return new Line(columns[0].strip(), columns[1].strip(), columns[2].strip());
    }

    /// {@return the machine code: the bytes of all lines, one after the other}
    public byte[] machineCode() {
        ByteArrayOutputStream code = new ByteArrayOutputStream();
        lines.forEach(line -> code.writeBytes(line.code()));
        return code.toByteArray();
    }

    /// {@return the source text for an assembler: one mnemonic, after its label, per line}
    public String assembly() {
        return lines.stream().map(Line::mnemonic).collect(Collectors.joining("\n", "", "\n"));
    }

    /// One instruction.
    ///
    /// @param hex the bytes as hexadecimal digits, in the order of their addresses
    /// @param mnemonic the instruction as an assembler reads it, after its label if it has one
    /// @param comment what the instruction is for, empty where the mnemonic says it
    public record Line(String hex, String mnemonic, String comment) {

        /// Makes a line.
        ///
        /// @throws IllegalArgumentException if `hex` is empty or not made of whole bytes
        public Line {
            if (HexFormat.of().parseHex(hex).length == 0) {
                throw new IllegalArgumentException("hex must not be empty, at: " + mnemonic);
            }
        }

        /// {@return the bytes of the instruction}
        public byte[] code() {
            return HexFormat.of().parseHex(hex);
        }
    }
}
