// The types of a client, as they follow from the routes: what is given with each request and what comes back. Types alone, so that no
// schema is loaded with them.

import type { z } from 'zod';
import type { RouteContract, Told } from '../http/route.js';
import type { OperationId, ROUTES } from '../http/routes.js';

type RouteOf<O extends OperationId> = (typeof ROUTES)[O];

/** Routes with one answer; a stream is opened at its address. */
export type AskedId = { [O in OperationId]: RouteOf<O> extends { isStream: true } ? never : O }[OperationId];

// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- of an object that has nothing: what can be left out takes it
export type Nothing = {};
type Part<Name extends string, Value> = Nothing extends Value ? { readonly [K in Name]?: Value } : { readonly [K in Name]: Value };
/** As the handler sees it, for numbers that travel as text; what has a default may be left out. */
type Loose<S extends z.ZodType> = { readonly [K in keyof z.input<S>]: K extends keyof z.output<S> ? z.output<S>[K] | undefined : never };

type ParamsPart<C> = C extends { params: infer P extends z.ZodType } ? { readonly params: Readonly<z.input<P>> } : unknown;
type QueryPart<C> = C extends { query: infer Q extends z.ZodType } ? Part<'query', Loose<Q>> : unknown;
type HeadersPart<C> = C extends { headers: infer H extends z.ZodType } ? Part<'headers', Loose<H>> : unknown;
type BodyPart<C> = C extends { body: infer B extends z.ZodType } ? Part<'body', Readonly<z.input<B>>> : unknown;

/** What a request of this route is made of. */
export type PartsOf<O extends OperationId> = ParamsPart<RouteOf<O>> &
  QueryPart<RouteOf<O>> &
  HeadersPart<RouteOf<O>> &
  BodyPart<RouteOf<O>>;

export type AnswerOf<O extends OperationId> = Told<RouteOf<O>['response']>;

/** The lists among them, which are read page by page. */
export type PagedId = {
  [O in AskedId]: RouteOf<O> extends { query: z.ZodObject<infer Q> } ? ('cursor' extends keyof Q ? O : never) : never;
}[AskedId];
export type ItemOf<O extends PagedId> = AnswerOf<O> extends { readonly items: readonly (infer Item)[] } ? Item : never;

/** What the client itself knows of a route. */
export type RouteLine = readonly [RouteContract['method'], string];
