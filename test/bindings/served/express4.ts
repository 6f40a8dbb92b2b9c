import type express from "express";
import express4 from "express4";
import { serveOn } from "./express.js";

export const serveOnExpress4 = serveOn(express4 as typeof express);
