// SPDX-License-Identifier: Apache-2.0
/** The page to come back to after signing in, carried as `?voltar=`. */
import { resolve } from '$app/paths';

export function signInPath(from: URL): string {
	return `${resolve('/entrar')}?voltar=${encodeURIComponent(from.pathname)}`;
}

/** Only a path of this place: another host's address is never followed. */
export function returnPath(url: URL): string {
	const wanted = url.searchParams.get('voltar');
	if (wanted === null) return resolve('/');
	const target = new URL(wanted, url.origin);
	return target.origin === url.origin ? target.pathname : resolve('/');
}
