//! The functions of the language, in one list: parser, evaluation and completion read it.

macro_rules! functions {
    ($($variant:ident $name:literal $least:literal $most:literal $takes:literal $call:literal $says:literal;)*) => {
        /// A function of the styling language.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Function {
            $(#[doc = $says] $variant,)*
        }

        impl Function {
            /// Every function.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in an expression.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Fewest and most arguments.
            #[must_use]
            pub fn arity(self) -> (usize, usize) {
                match self { $(Self::$variant => ($least, $most),)* }
            }

            /// How many arguments it takes, in words.
            #[must_use]
            pub fn takes(self) -> &'static str {
                match self { $(Self::$variant => $takes,)* }
            }

            /// How a call looks.
            #[must_use]
            pub fn signature(self) -> &'static str {
                match self { $(Self::$variant => $call,)* }
            }

            /// What it gives, for people.
            #[must_use]
            pub fn description(self) -> &'static str {
                match self { $(Self::$variant => $says,)* }
            }
        }
    };
}

functions! {
    Color "color" 0 2 "a colour and perhaps an alpha" "color(name, alpha)" "A colour from a CSS name or hex digits; white without arguments.";
    Rgb "rgb" 3 3 "3 arguments" "rgb(red, green, blue)" "A colour from components 0 to 255.";
    Rgba "rgba" 4 4 "4 arguments" "rgba(red, green, blue, alpha)" "A colour from components 0 to 255 and an alpha 0 to 1.";
    Hsl "hsl" 3 3 "3 arguments" "hsl(hue, saturation, lightness)" "A colour from hue, saturation and lightness, each 0 to 1.";
    Hsla "hsla" 4 4 "4 arguments" "hsla(hue, saturation, lightness, alpha)" "A colour from hue, saturation, lightness and alpha, each 0 to 1.";
    Vec2 "vec2" 1 2 "1 or 2 arguments" "vec2(x, y)" "A vector of 2 numbers.";
    Vec3 "vec3" 1 3 "1 to 3 arguments" "vec3(x, y, z)" "A vector of 3 numbers.";
    Vec4 "vec4" 1 4 "1 to 4 arguments" "vec4(x, y, z, w)" "A vector of 4 numbers.";
    Boolean "Boolean" 0 1 "1 argument" "Boolean(value)" "The value as true or false, as JavaScript does.";
    Number "Number" 0 1 "1 argument" "Number(value)" "The value as a number, as JavaScript does.";
    String "String" 0 1 "1 argument" "String(value)" "The value as text.";
    IsNan "isNaN" 0 1 "1 argument" "isNaN(value)" "Whether the value is not a number.";
    IsFinite "isFinite" 0 1 "1 argument" "isFinite(value)" "Whether the value is a number, and not infinite.";
    IsClass "isClass" 1 1 "1 argument" "isClass(name)" "Whether the feature is of the class or one below it.";
    IsExactClass "isExactClass" 1 1 "1 argument" "isExactClass(name)" "Whether the feature is of this very class.";
    GetExactClassName "getExactClassName" 0 0 "no argument" "getExactClassName()" "The name of the feature's class.";
    RegExp "regExp" 0 2 "a pattern and perhaps flags" "regExp(pattern, flags)" "A regular expression, for =~, test and exec.";
    Abs "abs" 1 1 "1 argument" "abs(x)" "The absolute value.";
    Sqrt "sqrt" 1 1 "1 argument" "sqrt(x)" "The square root.";
    Cos "cos" 1 1 "1 argument" "cos(radians)" "The cosine.";
    Sin "sin" 1 1 "1 argument" "sin(radians)" "The sine.";
    Tan "tan" 1 1 "1 argument" "tan(radians)" "The tangent.";
    Acos "acos" 1 1 "1 argument" "acos(x)" "The arc cosine, in radians.";
    Asin "asin" 1 1 "1 argument" "asin(x)" "The arc sine, in radians.";
    Atan "atan" 1 1 "1 argument" "atan(x)" "The arc tangent, in radians.";
    Atan2 "atan2" 2 2 "2 arguments" "atan2(y, x)" "The arc tangent of y / x, in radians.";
    Radians "radians" 1 1 "1 argument" "radians(degrees)" "Degrees as radians.";
    Degrees "degrees" 1 1 "1 argument" "degrees(radians)" "Radians as degrees.";
    Sign "sign" 1 1 "1 argument" "sign(x)" "-1, 0 or 1.";
    Floor "floor" 1 1 "1 argument" "floor(x)" "The integer below.";
    Ceil "ceil" 1 1 "1 argument" "ceil(x)" "The integer above.";
    Round "round" 1 1 "1 argument" "round(x)" "The nearest integer, halves upwards.";
    Exp "exp" 1 1 "1 argument" "exp(x)" "e to the power of x.";
    Log "log" 1 1 "1 argument" "log(x)" "The natural logarithm.";
    Exp2 "exp2" 1 1 "1 argument" "exp2(x)" "2 to the power of x.";
    Log2 "log2" 1 1 "1 argument" "log2(x)" "The logarithm to base 2.";
    Fract "fract" 1 1 "1 argument" "fract(x)" "x - floor(x).";
    Pow "pow" 2 2 "2 arguments" "pow(base, exponent)" "The power.";
    Min "min" 2 2 "2 arguments" "min(x, y)" "The smaller.";
    Max "max" 2 2 "2 arguments" "max(x, y)" "The larger.";
    Clamp "clamp" 3 3 "3 arguments" "clamp(x, min, max)" "x, kept between min and max.";
    Mix "mix" 3 3 "3 arguments" "mix(x, y, a)" "The linear interpolation from x to y.";
    Length "length" 1 1 "1 argument" "length(x)" "The length of a vector.";
    Distance "distance" 2 2 "2 arguments" "distance(x, y)" "The distance of two points.";
    Normalize "normalize" 1 1 "1 argument" "normalize(x)" "The vector of length 1 in the same direction.";
    Dot "dot" 2 2 "2 arguments" "dot(x, y)" "The dot product.";
    Cross "cross" 2 2 "2 arguments" "cross(x, y)" "The cross product of two vec3.";
}

impl Function {
    /// The function of a name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.name() == name)
    }
}
