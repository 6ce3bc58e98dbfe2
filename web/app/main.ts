import {loadBundle} from "../runtime/index.ts"; (globalThis as any).loadBundle=loadBundle; document.title="ok";
