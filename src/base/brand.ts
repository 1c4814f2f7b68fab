declare const brand: unique symbol;
/** A primitive that the compiler keeps apart from others of the same shape. Costs nothing at run time. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
