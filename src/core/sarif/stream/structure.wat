;; Finds the structure of JSON text, 64 bytes at a time: the positions of every quote that opens or closes a string and of every
;; bracket and brace outside of strings. The JavaScript in structureIndex.ts says the same in plain words; a test holds both to
;; the same answers, and another that structureWasm.ts is what this file compiles to.
(module
  (memory (export "memory") 22)
  ;; Carried from one block to the next: inside a string; the next byte is escaped; the open string holds a backslash or a
  ;; byte above 127, so that its bytes are not its characters.
  (global $inside (mut i32) (i32.const 0))
  (global $escaped (mut i64) (i64.const 0))
  (global $special (mut i32) (i32.const 0))

  (func (export "reset")
    (global.set $inside (i32.const 0))
    (global.set $escaped (i64.const 0))
    (global.set $special (i32.const 0)))

  ;; Reads the bytes 0 to $length (padded with zeros to a multiple of 64), writes 32-bit positions, each plus $base, from
  ;; address $out on, and gives their number. The sign bit marks the closing quote of a special string.
  (func (export "index") (param $length i32) (param $base i32) (param $out i32) (result i32)
    (local $p i32) (local $write i32) (local $inside i32) (local $special i32) (local $position i32)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local $quotes i64) (local $backslashes i64) (local $brackets i64) (local $specials i64)
    (local $candidates i64) (local $passed i64) (local $bit i64) (local $escapes i64) (local $one i64)
    (local.set $write (local.get $out))
    (local.set $inside (global.get $inside))
    (local.set $special (global.get $special))
    (block $done (loop $blocks
      (br_if $done (i32.ge_u (local.get $p) (local.get $length)))
      (local.set $a (v128.load offset=0 (local.get $p)))
      (local.set $b (v128.load offset=16 (local.get $p)))
      (local.set $c (v128.load offset=32 (local.get $p)))
      (local.set $d (v128.load offset=48 (local.get $p)))
      (local.set $quotes
        (i64.or (i64.or (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $a) (v128.const i8x16 34 34 34 34 34 34 34 34 34 34 34 34 34 34 34 34))))
          (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $b) (v128.const i8x16 34 34 34 34 34 34 34 34 34 34 34 34 34 34 34 34)))) (i64.const 16)))
        (i64.or (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $c) (v128.const i8x16 34 34 34 34 34 34 34 34 34 34 34 34 34 34 34 34)))) (i64.const 32))
          (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $d) (v128.const i8x16 34 34 34 34 34 34 34 34 34 34 34 34 34 34 34 34)))) (i64.const 48)))))
      (local.set $backslashes
        (i64.or (i64.or (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $a) (v128.const i8x16 92 92 92 92 92 92 92 92 92 92 92 92 92 92 92 92))))
          (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $b) (v128.const i8x16 92 92 92 92 92 92 92 92 92 92 92 92 92 92 92 92)))) (i64.const 16)))
        (i64.or (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $c) (v128.const i8x16 92 92 92 92 92 92 92 92 92 92 92 92 92 92 92 92)))) (i64.const 32))
          (i64.shl (i64.extend_i32_u (i8x16.bitmask (i8x16.eq (local.get $d) (v128.const i8x16 92 92 92 92 92 92 92 92 92 92 92 92 92 92 92 92)))) (i64.const 48)))))
      (local.set $specials (i64.or (local.get $backslashes)
        (i64.or (i64.or (i64.extend_i32_u (i8x16.bitmask (local.get $a)))
          (i64.shl (i64.extend_i32_u (i8x16.bitmask (local.get $b))) (i64.const 16)))
        (i64.or (i64.shl (i64.extend_i32_u (i8x16.bitmask (local.get $c))) (i64.const 32))
          (i64.shl (i64.extend_i32_u (i8x16.bitmask (local.get $d))) (i64.const 48))))))
      (local.set $a (v128.or (local.get $a) (v128.const i8x16 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32)))
      (local.set $b (v128.or (local.get $b) (v128.const i8x16 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32)))
      (local.set $c (v128.or (local.get $c) (v128.const i8x16 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32)))
      (local.set $d (v128.or (local.get $d) (v128.const i8x16 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32)))
      (local.set $brackets
        (i64.or (i64.or (i64.extend_i32_u (i8x16.bitmask (v128.or (i8x16.eq (local.get $a) (v128.const i8x16 123 123 123 123 123 123 123 123 123 123 123 123 123 123 123 123)) (i8x16.eq (local.get $a) (v128.const i8x16 125 125 125 125 125 125 125 125 125 125 125 125 125 125 125 125)))))
          (i64.shl (i64.extend_i32_u (i8x16.bitmask (v128.or (i8x16.eq (local.get $b) (v128.const i8x16 123 123 123 123 123 123 123 123 123 123 123 123 123 123 123 123)) (i8x16.eq (local.get $b) (v128.const i8x16 125 125 125 125 125 125 125 125 125 125 125 125 125 125 125 125))))) (i64.const 16)))
        (i64.or (i64.shl (i64.extend_i32_u (i8x16.bitmask (v128.or (i8x16.eq (local.get $c) (v128.const i8x16 123 123 123 123 123 123 123 123 123 123 123 123 123 123 123 123)) (i8x16.eq (local.get $c) (v128.const i8x16 125 125 125 125 125 125 125 125 125 125 125 125 125 125 125 125))))) (i64.const 32))
          (i64.shl (i64.extend_i32_u (i8x16.bitmask (v128.or (i8x16.eq (local.get $d) (v128.const i8x16 123 123 123 123 123 123 123 123 123 123 123 123 123 123 123 123)) (i8x16.eq (local.get $d) (v128.const i8x16 125 125 125 125 125 125 125 125 125 125 125 125 125 125 125 125))))) (i64.const 48)))))
      ;; An unescaped backslash escapes the byte after it.
      (if (i64.ne (i64.or (local.get $backslashes) (global.get $escaped)) (i64.const 0)) (then
        (local.set $escapes (global.get $escaped))
        (global.set $escaped (i64.const 0))
        (block $escaping (loop $each
          (br_if $escaping (i64.eqz (local.get $backslashes)))
          (local.set $one (i64.and (local.get $backslashes) (i64.sub (i64.const 0) (local.get $backslashes))))
          (local.set $backslashes (i64.xor (local.get $backslashes) (local.get $one)))
          (if (i64.eqz (i64.and (local.get $escapes) (local.get $one))) (then
            (if (i64.lt_s (local.get $one) (i64.const 0))
              (then (global.set $escaped (i64.const 1)))
              (else (local.set $escapes (i64.or (local.get $escapes) (i64.shl (local.get $one) (i64.const 1))))))))
          (br $each)))
        (local.set $quotes (i64.and (local.get $quotes) (i64.xor (local.get $escapes) (i64.const -1))))))
      (local.set $candidates (i64.or (local.get $quotes) (local.get $brackets)))
      (local.set $passed (i64.const 0))
      (block $emitted (loop $emit
        (br_if $emitted (i64.eqz (local.get $candidates)))
        (local.set $bit (i64.and (local.get $candidates) (i64.sub (i64.const 0) (local.get $candidates))))
        (local.set $position (i32.add (i32.add (local.get $base) (local.get $p)) (i32.wrap_i64 (i64.ctz (local.get $candidates)))))
        (local.set $candidates (i64.xor (local.get $candidates) (local.get $bit)))
        (if (i64.ne (i64.and (local.get $quotes) (local.get $bit)) (i64.const 0))
          (then
            (if (local.get $inside)
              (then
                (local.set $special (i32.or (local.get $special) (i64.ne (i64.const 0)
                  (i64.and (i64.and (local.get $specials) (i64.sub (local.get $bit) (i64.const 1))) (i64.xor (local.get $passed) (i64.const -1))))))
                (i32.store (local.get $write) (i32.or (local.get $position) (i32.shl (local.get $special) (i32.const 31))))
                (local.set $inside (i32.const 0)))
              (else
                (i32.store (local.get $write) (local.get $position))
                (local.set $inside (i32.const 1))
                (local.set $special (i32.const 0))))
            (local.set $passed (i64.or (local.get $bit) (i64.sub (local.get $bit) (i64.const 1))))
            (local.set $write (i32.add (local.get $write) (i32.const 4))))
          (else
            (if (i32.eqz (local.get $inside)) (then
              (i32.store (local.get $write) (local.get $position))
              (local.set $write (i32.add (local.get $write) (i32.const 4)))))))
        (br $emit)))
      (if (local.get $inside) (then
        (local.set $special (i32.or (local.get $special)
          (i64.ne (i64.const 0) (i64.and (local.get $specials) (i64.xor (local.get $passed) (i64.const -1))))))))
      (local.set $p (i32.add (local.get $p) (i32.const 64)))
      (br $blocks)))
    (global.set $inside (local.get $inside))
    (global.set $special (local.get $special))
    (i32.shr_u (i32.sub (local.get $write) (local.get $out)) (i32.const 2))))
